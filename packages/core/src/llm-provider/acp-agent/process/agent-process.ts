import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { endsWithin } from "../../../lib/ends-within.ts";
import type { Cage } from "./cage.ts";
import { LastWords } from "./last-words.ts";

/** What to run, in which cage. */
export interface AgentCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** All it gets: nothing of this process's own environment. */
  readonly environment: { readonly [name: string]: string };
  readonly cage: Cage;
}

export interface AgentExit {
  /** 127 for a command that is nowhere, 126 for one that cannot be run. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last line of its stderr, "" where there was none. */
  readonly lastWords: string;
}

/**
 * The agent runs in a process group of its own, beside a shell that does nothing but read a pipe which only this process holds.
 * When that pipe closes – because this process closes it or dies, however – the shell removes the cage and kills the group.
 * The shell is started first, so there is no moment in which the agent is unwatched.
 */
const watched = '(read -r _ <&3; rm -rf -- "$1"; kill -9 0) >/dev/null 2>&1 & shift; exec "$@" 3<&-';

// Somebody who left the group may hold its stderr open.
const lastWordsMs = 500;

/** A running agent. It and whatever it started die with `end`, with its own exit, and with this process. */
export class AgentProcess {
  readonly pid: number | undefined;
  readonly workFolder: string;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** When it is gone, with its whole group and its cage. Its output may still be read. */
  readonly exited: Promise<AgentExit>;
  readonly #child: ChildProcess;
  #ended: Promise<void> | null = null;

  constructor({ command, args, environment, cage }: AgentCommand) {
    const child = spawn("/bin/sh", ["-c", watched, "sh", cage.folder, command, ...args], {
      cwd: cage.workFolder,
      env: environment,
      detached: true,
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    });
    const lastWords = new LastWords(child.stderr);
    this.pid = child.pid;
    this.workFolder = cage.workFolder;
    this.stdin = child.stdin;
    this.stdout = child.stdout;
    // An agent may end without reading what it is given; what its pipes say of that is told by its exit.
    for (const stream of child.stdio) stream?.on("error", () => undefined);
    this.#child = child;
    this.exited = exitOf(child).then(async (exit) => {
      this.#killGroup();
      await Promise.all([cage.remove(), endsWithin(lastWords.ended, lastWordsMs)]);
      return { ...exit, lastWords: lastWords.line };
    });
  }

  /** Kills the whole group. May be called more than once. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    this.#killGroup();
    // A killed group cannot refuse, and only its leader is ours to wait for.
    await this.exited;
    for (const stream of this.#child.stdio) stream?.destroy();
  }

  /** The watching shell keeps the group's number taken until it is killed here: it can be nobody else's. */
  #killGroup(): void {
    const lifeline = this.#child.stdio[3];
    if (this.pid === undefined || lifeline === null || lifeline?.destroyed === true) return;
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch {
      // Nobody is left in it.
    }
    lifeline?.destroy();
  }
}

/** Also of a shell that could not be started: the system has no `/bin/sh`, or no room for another process. */
function exitOf(child: ChildProcess): Promise<Omit<AgentExit, "lastWords">> {
  return new Promise((resolve) => {
    child.once("error", () => resolve({ code: 126, signal: null }));
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
}
