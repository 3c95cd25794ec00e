import { CommandError } from "../lib/error.ts";
import type { Reply } from "@orquestra/protocol";

/** Tells whoever runs the server what went wrong; the other side never sees it. */
export type Log = (problem: string, cause: unknown) => void;

/** The reply to a command that is refused. `re` is null where the frame had no readable id. */
export function refusal(re: string | null, error: CommandError): Reply {
  const { code, message, retryable, retryAfterMs } = error;
  const when = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { v: 1, type: "reply", re, ok: false, error: { code, message, retryable, ...when } };
}

/** What a failure looks like from outside: a CommandError speaks for itself, anything else is logged and hidden. */
export function toCommandError(error: unknown, log: Log): CommandError {
  if (error instanceof CommandError) return error;
  log("A command failed unexpectedly.", error);
  return new CommandError("internal", "Something went wrong on the server. Its log says what.", { cause: error });
}
