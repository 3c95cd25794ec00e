import { createReadStream } from "node:fs";
import { access as canRead } from "node:fs/promises";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { SessionsCall } from "./sessions-call.ts";

/** Prints the id of the session that came of the file. */
export async function importSession({ access: { server }, given, name: path }: SessionsCall): Promise<ExitCode> {
  await canRead(path);
  const folder = given.settings["workspace"];
  const workspace = folder === undefined ? {} : { workspace: await server.addWorkspace(folder) };
  const sessionId = await server.importSession(createReadStream(path), { asNew: given.has("as-new"), ...workspace });
  process.stdout.write(`${sessionId}\n`);
  return exitCode.ok;
}
