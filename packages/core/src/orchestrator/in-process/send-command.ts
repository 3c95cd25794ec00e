import { type CommandData, type CommandType, type ReplyData, parseCommand, parseReply } from "@orquestra/protocol";
import { CommandError } from "../../lib/error.ts";
import { newId } from "../../lib/ids.ts";
import type { User } from "../../tools/index.ts";
import type { EngineAccess } from "../engine.ts";

export interface CommandOptions {
  /** Who gives it. */
  readonly user: User;
  readonly sessionId?: string | undefined;
}

/** A command of the protocol, given in the same process; checked as if it had come over the wire. Throws a CommandError. */
export async function sendCommand<T extends CommandType>(
  engine: EngineAccess,
  command: { readonly type: T; readonly data: CommandData<T> },
  { user, sessionId }: CommandOptions,
): Promise<ReplyData<T>> {
  const parsed = parseCommand({ v: 1, id: newId(), ...command, ...(sessionId === undefined ? {} : { sessionId }) });
  if (!parsed.ok) throw new CommandError("bad_request", parsed.message);
  return parseReply(command.type, await engine.handle(parsed.command, user));
}
