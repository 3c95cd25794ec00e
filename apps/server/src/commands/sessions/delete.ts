import { askPerson, canAsk } from "../../ask-person.ts";
import { withClient } from "../../connect.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { UsageError } from "../../usage.ts";
import type { SessionsCall } from "./sessions-call.ts";

/** Deletes it for good: with --yes, or when somebody says so. */
export async function deleteSession({ access, given, name }: SessionsCall): Promise<ExitCode> {
  if (!given.has("yes") && !(await isMeant(name))) return exitCode.failed;
  await withClient(access, (client) => client.command("session-delete", {}, { sessionId: name }));
  process.stderr.write("It is deleted.\n");
  return exitCode.ok;
}

async function isMeant(name: string): Promise<boolean> {
  if (canAsk()) return await askPerson(`Delete session ${name} with all it holds, for good?`);
  throw new UsageError("Deleting cannot be undone, and nobody is here to be asked: add --yes if it is meant.");
}
