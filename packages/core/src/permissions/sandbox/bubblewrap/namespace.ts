import { type FileHandle, open, readFile } from "node:fs/promises";
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
  readonly #handle: FileHandle;

  private constructor(pid: number, handle: FileHandle) {
    this.#pid = pid;
    this.#handle = handle;
  }

  /** `null` where that process has ended already. */
  static async of(pid: number): Promise<Namespace | null> {
    const handle = await open(`/proc/${pid}`, "r").catch(() => null);
    return handle === null ? null : new Namespace(pid, handle);
  }

  /**
   * Ends what lives of it, and resolves when that is nothing. Its first process dies with bubblewrap, but not if that is killed
   * while it still arranges things: then the process would wait for ever. Throws a ToolError where it cannot be ended.
   */
  async end(): Promise<void> {
    try {
      if (await this.#lives()) kill(this.#pid);
      const deadline = performance.now() + patience;
      for (let pause = 1; await this.#lives(); pause = Math.min(2 * pause, slowestPoll)) {
        if (performance.now() > deadline)
          throw new ToolError("process_survived", "The processes of a command could not be ended; end them by hand.");
        await wait(pause);
      }
    } finally {
      await this.#handle.close();
    }
  }

  async #lives(): Promise<boolean> {
    const text = await readFile(`/proc/self/fd/${this.#handle.fd}/stat`, "latin1").catch(() => null);
    if (text === null) return false;
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
