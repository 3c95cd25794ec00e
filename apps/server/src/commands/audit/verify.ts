import { type AuditReport, type AuditSource, verifyAudit } from "@orquestra/core";
import { access } from "node:fs/promises";
import type { Config } from "../../config.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { Arguments } from "../../usage.ts";
import { withServer } from "../../with-server.ts";
import { fileRows, headText, readHeads, readTime, servedRows } from "./audit-rows.ts";

export interface AuditCall {
  readonly config: Config;
  readonly given: Arguments;
  readonly file: string | undefined;
}

/** Reads every row and hashes it anew, here and not in the server. Of a file, those of the export. */
export async function verify({ config, given, file }: AuditCall): Promise<ExitCode> {
  const since = readTime("since", given.text("since"));
  const options = { noted: readHeads(given.text("head")), ...(since === undefined ? {} : { since }) };
  const look = (source: AuditSource): Promise<AuditReport> => verifyAudit(source, options);
  if (file !== undefined) await access(file);
  const report = await (file === undefined ? withServer(config, ({ server }) => look(servedRows(server))) : look(fileRows(file)));
  process.stdout.write(given.has("json") ? `${JSON.stringify(report)}\n` : said(report));
  return report.sound ? exitCode.ok : exitCode.failed;
}

function said({ sound, rows, chains, toNote }: AuditReport): string {
  const broken = chains.flatMap(({ chain, problem }) =>
    problem === null ? [] : `BROKEN   chain ${chain}, row ${problem.position}: ${problem.text}`,
  );
  const count = `${rows} ${rows === 1 ? "row" : "rows"} in ${chains.length} ${chains.length === 1 ? "chain" : "chains"}`;
  const summary = sound ? `ok       ${count}: each is as it was written.` : `BROKEN   ${count}.`;
  const notes = [
    "Rows cut off at the newest end, and an audit that was written anew as a whole, show only against a head that was noted elsewhere.",
    "To note down, and to give to a later audit verify with --head:",
    ...toNote.map((head) => `  ${headText(head)}`),
  ];
  return `${[...broken, summary, ...(toNote.length === 0 ? [] : notes)].join("\n")}\n`;
}
