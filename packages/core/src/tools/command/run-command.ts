import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "../../lib/error.ts";
import { ToolError } from "../tool-error.ts";
import { BoundedOutput } from "./bounded-output.ts";
import { StreamNews } from "./news.ts";
import { endGroup } from "./process-group.ts";

export interface CommandRequest {
  readonly program: string;
  readonly args: readonly string[];
  readonly workingDirectory: string;
  /** All the program gets: nothing of the server's own environment. */
  readonly environment: { readonly [name: string]: string };
  /** Given to the standard input, which is empty otherwise. */
  readonly input?: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Output as it comes, for whoever watches; parts may be missing when it comes fast. */
  readonly onOutput: (stream: "stdout" | "stderr", text: string) => void;
}

export interface CommandResult {
  /** 128 and the number of the signal for a program that was killed by one. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The middle of an output was left out. */
  readonly truncated: boolean;
  /** What the person and the model should know beside the output. */
  readonly notes?: readonly string[];
}

type Ending =
  | { readonly kind: "exited"; readonly exitCode: number }
  | { readonly kind: "timeout" }
  | { readonly kind: "aborted" };

/** Milliseconds to wait for the end of an output that a process outside the group may still hold open. */
const drainTime = 500;

/**
 * Runs a program in a process group of its own. However it ends, its whole group is dead before this settles: also what it
 * left running in the background. Throws a ToolError `aborted`, `command_timeout` or `command_not_started`.
 */
export async function runCommand(request: CommandRequest): Promise<CommandResult> {
  if (request.signal.aborted)
    throw new ToolError("aborted", "Stopped before the command was started.", { cause: request.signal.reason });
  const child = start(request);
  return followCommand(child, request, async () => {
    if (child.pid !== undefined) await endGroup(child.pid);
  });
}

type Following = Pick<CommandRequest, "timeoutMs" | "signal" | "onOutput">;

/**
 * From a process that was just started to its result: collects what it prints, ends it when its time is up or the signal is
 * aborted. `end` resolves when nothing of it runs any more, however it ended.
 */
export async function followCommand(child: ChildProcess, request: Following, end: () => Promise<void>): Promise<CommandResult> {
  const stdout = collect(child.stdout, (text) => request.onOutput("stdout", text));
  const stderr = collect(child.stderr, (text) => request.onOutput("stderr", text));
  const ending = await firstEnding(child, request);
  await end();
  await Promise.all([stdout.end(), stderr.end()]);
  if (ending.kind !== "exited") throw stopped(request, ending.kind, stdout.output.text() + stderr.output.text());
  return {
    exitCode: ending.exitCode,
    stdout: stdout.output.text(),
    stderr: stderr.output.text(),
    truncated: stdout.output.truncated || stderr.output.truncated,
  };
}

function start({ program, args, workingDirectory, environment, input }: CommandRequest): ChildProcess {
  try {
    const child = spawn(program, args, {
      cwd: workingDirectory,
      env: environment,
      detached: true,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    giveInput(child, input);
    return child;
  } catch (error) {
    throw notStarted(error);
  }
}

/** A program may end without reading what it is given. */
export function giveInput(child: ChildProcess, input: string | undefined): void {
  child.stdin?.on("error", () => undefined).end(input);
}

export function notStarted(error: unknown): ToolError {
  return new ToolError("command_not_started", `The command could not be started: ${messageOf(error)}.`, { cause: error });
}

async function firstEnding(child: ChildProcess, { timeoutMs, signal }: Following): Promise<Ending> {
  const over = new AbortController();
  const aborted = new Promise<Ending>((resolve) => {
    // It may have been aborted since it was last looked at: that is told to nobody.
    if (signal.aborted) resolve({ kind: "aborted" });
    signal.addEventListener("abort", () => resolve({ kind: "aborted" }), { once: true, signal: over.signal });
  });
  const timeout = wait<Ending>(timeoutMs, { kind: "timeout" }, { signal: over.signal }).catch((): Ending => ({
    kind: "timeout",
  }));
  try {
    return await Promise.race([exitOf(child), aborted, timeout]);
  } finally {
    over.abort();
  }
}

function exitOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(notStarted(error)));
    child.once("exit", (code, signal) =>
      resolve({ kind: "exited", exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) }),
    );
  });
}

interface Collected {
  readonly output: BoundedOutput;
  /** Resolves when everything was read, or shortly after if somebody else keeps the stream open. */
  end(): Promise<void>;
}

function collect(stream: Readable | null, tell: (text: string) => void): Collected {
  const output = new BoundedOutput();
  const news = new StreamNews(tell);
  const closed = new Promise<void>((resolve) => {
    if (stream === null) resolve();
    stream?.on("data", (chunk: Buffer) => {
      output.add(chunk);
      news.add(chunk);
    });
    stream?.once("close", resolve);
  });
  return {
    output,
    async end() {
      const over = new AbortController();
      await Promise.race([closed, wait(drainTime, undefined, { signal: over.signal }).catch(() => undefined)]);
      over.abort();
      stream?.destroy();
      news.flush();
    },
  };
}

function stopped({ timeoutMs, signal }: Following, kind: "timeout" | "aborted", output: string): ToolError {
  if (kind === "aborted") return new ToolError("aborted", "The command was stopped.", { cause: signal.reason });
  const last = output.trim().slice(-1000);
  const said = last === "" ? "It had printed nothing." : `The last it printed:\n${last}`;
  return new ToolError("command_timeout", `The command did not end within ${timeoutMs / 1000} s and was stopped. ${said}`);
}
