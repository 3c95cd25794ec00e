import type { SessionItem } from "@orquestra/protocol";
import { withClient } from "../connect.ts";
import { readConfig } from "../config.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { expectNone, readArguments } from "../usage.ts";
import { withServer } from "../with-server.ts";

/** The newest sessions, one a line. */
export async function sessions(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args, { json: { type: "boolean" } });
  expectNone(given.positionals, "sessions");
  const config = readConfig(given.settings);
  const { items } = await withServer(config, (access) =>
    withClient(access, (client) => client.command("session-list", { limit: 50 })),
  );
  for (const item of items) process.stdout.write(`${given.has("json") ? JSON.stringify(item) : line(item)}\n`);
  if (items.length === 0) process.stderr.write("There are no sessions yet.\n");
  return exitCode.ok;
}

function line({ sessionId, updatedAt, status, title, workspace }: SessionItem): string {
  return [sessionId, updatedAt.slice(0, 16).replace("T", " "), (status ?? "–").padEnd(9), title, workspace ?? ""]
    .join("  ")
    .trimEnd();
}
