import { statfs } from "node:fs/promises";
import { ToolError } from "../../../tools/index.ts";

const interval = 500;

/** Watches that a command leaves room on a disk: aborts `signal` when it does not. Whoever makes it stops it. */
export class DiskGuard {
  readonly #free: () => Promise<number>;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #least: number;

  private constructor(free: () => Promise<number>, least: number) {
    this.#free = free;
    this.#least = least;
    this.#timer = setInterval(() => void this.#look(), interval);
  }

  /** Where less than twice the reserve is free, half of what is must stay. */
  static async of(path: string, reserveBytes: number, free = freeBytes): Promise<DiskGuard> {
    return new DiskGuard(() => free(path), Math.min(reserveBytes, (await free(path)) / 2));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const free = await this.#free().catch(() => Infinity);
    if (free < this.#least) this.#controller.abort(new ToolError("disk_full", "The command was ended: it was filling the disk."));
  }
}

async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
