import type { SessionItem } from "@orquestra/protocol";
import { withClient } from "../../connect.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { ServerAccess } from "../../with-server.ts";

/** The newest sessions, one a line. */
export async function listSessions(access: ServerAccess, json: boolean): Promise<ExitCode> {
  const { items } = await withClient(access, (client) => client.command("session-list", { limit: 50 }));
  for (const item of items) process.stdout.write(`${json ? JSON.stringify(item) : line(item)}\n`);
  if (items.length === 0) process.stderr.write("There are no sessions yet.\n");
  return exitCode.ok;
}

function line({ sessionId, updatedAt, status, title, workspace }: SessionItem): string {
  return [sessionId, updatedAt.slice(0, 16).replace("T", " "), (status ?? "–").padEnd(9), title, workspace ?? ""]
    .join("  ")
    .trimEnd();
}
