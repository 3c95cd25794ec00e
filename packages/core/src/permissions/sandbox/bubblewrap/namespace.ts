import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { ToolError } from "../../../tools/index.ts";

/** Milliseconds until a killed namespace must be empty. */
const patience = 5000;
const slowestPoll = 100;

/**
 * The processes of one command. They live in a namespace whose first process, known here by an open handle and so never
 * mistaken for another one of the same number, ends last: the kernel lets it go when all others are dead.
 */
export class Namespace {
  readonly #pid: number;
  readonly #handle: number;

  private constructor(pid: number, handle: number) {
    this.#pid = pid;
    this.#handle = handle;
  }

  /** `null` where that process has ended already. */
  static of(pid: number): Namespace | null {
    try {
      return new Namespace(pid, openSync(`/proc/${pid}`, "r"));
    } catch {
      return null;
    }
  }

  /**
   * Ends what lives of it, and resolves when that is nothing. Its first process dies with bubblewrap, but not if that is killed
   * while it still arranges things: then the process would wait for ever. Throws a ToolError where it cannot be ended.
   */
  async end(): Promise<void> {
    try {
      if (this.#lives()) kill(this.#pid);
      const deadline = performance.now() + patience;
      for (let pause = 1; this.#lives(); pause = Math.min(1.5 * pause, slowestPoll)) {
        if (performance.now() > deadline)
          throw new ToolError("process_survived", "The processes of a command could not be ended; end them by hand.");
        await wait(pause);
      }
    } finally {
      closeSync(this.#handle);
    }
  }

  /** Read at once: no disk is waited for, and the way over another thread costs more than the reading. */
  #lives(): boolean {
    let text: string;
    try {
      text = readFileSync(`/proc/self/fd/${this.#handle}/stat`, "latin1");
    } catch {
      return false;
    }
    const state = text.slice(text.lastIndexOf(")") + 2, text.lastIndexOf(")") + 3);
    return state !== "Z" && state !== "X";
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself: what is waited for next.
  }
}
