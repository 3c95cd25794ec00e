import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { messageOf } from "../../lib/error.ts";
import { ToolError } from "../tool-error.ts";
import { temporaryFiles } from "../workspace/write-file.ts";

export interface RipgrepRun {
  readonly args: readonly string[];
  /** The folder it starts in; everything it finds is relative to it. */
  readonly workingDirectory: string;
  /** The descriptor of an open file to search instead of the folder. */
  readonly input?: number;
  /** What ends a record of its output. */
  readonly separator: "\n" | "\0";
  readonly signal: AbortSignal;
}

/** Longer records are left out: a minified file on one line must not fill the memory. */
const maxRecordBytes = 256 * 1024;
const maxComplaint = 2000;

/** Never a configuration of the machine, never through links; ignore files count also where there is no repository. */
const always = ["--no-config", "--no-follow", "--no-require-git", "--no-messages", "--hidden", "--color=never", "--sort=path"];
const neverInside = ["--glob=!.git", `--glob=!${temporaryFiles}`];

/**
 * Runs ripgrep without a shell and without an environment, and yields its records, `null` for one that was too long.
 * When the consumer stops, or the signal aborts, the process is killed and has ended before this returns.
 * Throws a ToolError `pattern_invalid` with what ripgrep says of the pattern or glob, `aborted`, or `search_unavailable`.
 */
export async function* ripgrep({ args, workingDirectory, input, separator, signal }: RipgrepRun): AsyncGenerator<string | null> {
  if (signal.aborted) throw aborted(signal);
  const child = spawn(await binary(), [...always, ...args.slice(0, -1), ...neverInside, ...args.slice(-1)], {
    cwd: workingDirectory,
    env: {},
    stdio: [input ?? "ignore", "pipe", "pipe"],
  });
  const ended = endOf(child);
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  try {
    if (child.stdout !== null) yield* records(child.stdout, separator);
    const { code, complaint } = await ended;
    if (signal.aborted) throw aborted(signal);
    if (code === null) throw new ToolError("search_unavailable", `The search broke off. ${complaint}`.trim());
    if (code === 2 && complaint !== "") throw new ToolError("pattern_invalid", refusal(complaint));
  } finally {
    signal.removeEventListener("abort", kill);
    kill();
    await ended;
  }
}

/**
 * A glob as arguments. One that names files only is given as a file type, because ripgrep lets other globs overrule the
 * ignore files.
 */
export function globArguments(glob: string | undefined): string[] {
  const plain = glob?.replace(/^\.\//, "").replace(/^(?:\*\*\/)+(?=[^/]*$)/, "");
  if (plain === undefined || plain === "" || plain === "*" || plain === "**") return [];
  if (plain.startsWith("!")) return [`--glob=${plain}`];
  if (plain.includes("/")) return [`--glob=${plain}`, "--glob=!node_modules"];
  return [`--type-add=wanted:${plain}`, "--type=wanted"];
}

async function* records(stream: Readable, separator: "\n" | "\0"): AsyncGenerator<string | null> {
  const end = separator.charCodeAt(0);
  let [parts, length]: [Buffer[], number] = [[], 0];
  const chunks: AsyncIterable<unknown> = stream;
  for await (const chunk of chunks) {
    if (!Buffer.isBuffer(chunk)) continue;
    let rest: Buffer = chunk;
    for (let at = rest.indexOf(end); at >= 0; at = rest.indexOf(end)) {
      yield length + at > maxRecordBytes ? null : Buffer.concat([...parts, rest.subarray(0, at)]).toString("utf8");
      [parts, length, rest] = [[], 0, rest.subarray(at + 1)];
    }
    length += rest.length;
    if (length <= maxRecordBytes) parts.push(rest);
  }
}

interface End {
  readonly code: number | null;
  readonly complaint: string;
}

/** Never rejects. */
function endOf(child: ChildProcess): Promise<End> {
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(0, maxComplaint);
  });
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: null, complaint: error.message }));
    child.once("close", (code) => resolve({ code, complaint: complaint.trim() }));
  });
}

/** What is wrong with the pattern, without ripgrep's own name, drawing and advice about its flags. */
function refusal(complaint: string): string {
  const said = /^error: (.+)$/m.exec(complaint)?.[1] ?? complaint.split("\n", 1)[0] ?? "";
  const why = said.replace(/^rg: /, "").replace(/^error parsing glob /, "");
  return `The pattern was refused: ${why.replace(/\.$/, "")}.`;
}

/** Where the binary of this platform lies. Loaded on first use, because the package fails to load on unknown platforms. */
async function binary(): Promise<string> {
  try {
    return (await import("@vscode/ripgrep")).rgPath;
  } catch (error) {
    throw new ToolError("search_unavailable", `Search needs ripgrep, which is missing here: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function aborted(signal: AbortSignal): ToolError {
  return new ToolError("aborted", "The search was stopped.", { cause: signal.reason });
}
