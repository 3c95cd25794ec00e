import { Buffer } from "node:buffer";
import { z } from "zod";
import { isSecretPath } from "../workspace/sensitive.ts";
import { ripgrep } from "./ripgrep.ts";

export interface TextSearch {
  /** A regular expression in ripgrep's syntax. */
  readonly pattern: string;
  /** How to find what is searched: globs, `.` for a folder or `-` for the input. */
  readonly args: readonly string[];
  readonly workingDirectory: string;
  readonly input?: number;
  /** The workspace path of what ripgrep calls by a name of its own. */
  readonly pathOf: (name: string) => string;
  readonly limit: number;
  readonly signal: AbortSignal;
}

export interface Match {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

export interface Matches {
  readonly matches: Match[];
  /** There is more, or a line was too long to be looked at. */
  readonly truncated: boolean;
}

const maxLineLength = 300;
/** Characters of all matches together. */
const maxTotal = 200_000;

const textOrBytes = z.union([z.object({ text: z.string() }), z.object({ bytes: z.base64() })]);
const matchRecord = z.object({
  type: z.literal("match"),
  data: z.object({
    path: textOrBytes,
    lines: textOrBytes,
    line_number: z.number(),
    submatches: z.array(z.object({ start: z.number() })),
  }),
});

/** Lines that match, in the order of their paths, without those of secret files. Throws a ToolError. */
export async function searchText(search: TextSearch): Promise<Matches> {
  const { pattern, args, limit, pathOf } = search;
  const options = ["--json", `--max-count=${limit + 1}`, `--regexp=${pattern}`];
  const matches: Match[] = [];
  let [total, truncated] = [0, false];
  for await (const record of ripgrep({ ...search, args: [...options, ...args], separator: "\n" })) {
    if (record === null) truncated = true;
    const match = record === null ? null : matchOf(record, pathOf);
    if (match === null || isSecretPath(match.path)) continue;
    total += match.path.length + match.text.length;
    if (matches.length === limit || total > maxTotal) return { matches, truncated: true };
    matches.push(match);
  }
  return { matches, truncated };
}

/** `null` for records that are no match. Names that are not UTF-8 cannot be used by any tool and are left out. */
function matchOf(record: string, pathOf: (name: string) => string): Match | null {
  if (!record.startsWith('{"type":"match"')) return null;
  const { data } = matchRecord.parse(JSON.parse(record));
  if (!("text" in data.path)) return null;
  const bytes = "text" in data.lines ? Buffer.from(data.lines.text) : Buffer.from(data.lines.bytes, "base64");
  return { path: pathOf(data.path.text), line: data.line_number, text: around(bytes, data.submatches[0]?.start ?? 0) };
}

/** The line without its end, or the part of a long one that holds the match. */
function around(bytes: Buffer, matchStart: number): string {
  const line = bytes.toString("utf8").replace(/\r?\n$/, "");
  if (line.length <= maxLineLength) return line;
  const start = Math.max(0, bytes.subarray(0, matchStart).toString("utf8").length - maxLineLength / 4);
  const end = start + maxLineLength;
  const part = line.slice(start, end).replaceAll(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "");
  return `${start > 0 ? "…" : ""}${part}${end < line.length ? "…" : ""}`;
}
