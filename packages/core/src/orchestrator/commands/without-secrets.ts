import type { Command, Json } from "@orquestra/protocol";
import { CommandError } from "../../lib/error.ts";
import type { Redactor } from "../../permissions/index.ts";

/**
 * A command as it is carried out: without secrets in what it says, before any of it is kept, cut or sent on; and none in what is
 * answered, as a file that is shown may hold one. Only a key that is pasted to be used stays what it is.
 */
export async function withoutSecrets(
  redactor: Redactor,
  command: Command,
  handle: (command: Command) => Promise<Json>,
): Promise<Json> {
  if (redactor.isEmpty) return await handle(command);
  const clean = command.type === "model-connect" ? command : redactor.json(command);
  try {
    return redactor.json(await handle(clean));
  } catch (error) {
    throw cleanRefusal(redactor, error);
  }
}

function cleanRefusal(redactor: Redactor, error: unknown): unknown {
  if (!(error instanceof CommandError)) return error;
  const message = redactor.text(error.message);
  // Without its cause: that says it in full.
  return message === error.message ? error : new CommandError(error.code, message, { retryable: error.retryable });
}
