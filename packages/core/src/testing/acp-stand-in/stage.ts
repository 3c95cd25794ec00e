import { appendFileSync, existsSync, readFileSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { StandInFaults, StandInReply, StandInSighting } from "./scene.ts";

/** The folder that a test and the processes of its stand-in share. */
export class Stage {
  readonly faults: StandInFaults;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the harness beside this file
    this.faults = parsed(join(folder, "faults.json")) as StandInFaults;
  }

  note(sighting: StandInSighting): void {
    appendFileSync(join(this.#folder, "seen", `${process.pid}.jsonl`), `${JSON.stringify(sighting)}\n`);
  }

  /** Processes that noted something and are still there. */
  others(): number {
    const pids = readdirSync(join(this.#folder, "seen")).map((name) => Number.parseInt(name, 10));
    return pids.filter(isThere).length;
  }

  /** The next reply that no other process took; `null` when there are none left. */
  claimReply(): StandInReply | null {
    const waiting = readdirSync(join(this.#folder, "replies")).toSorted();
    for (const name of waiting) {
      const claimed = join(this.#folder, "claimed", name);
      try {
        renameSync(join(this.#folder, "replies", name), claimed);
      } catch {
        continue;
      }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the harness beside this file
      return parsed(claimed) as StandInReply;
    }
    return null;
  }

  /** Waits until a test opens the gate. */
  async pass(gate: string): Promise<void> {
    while (!existsSync(join(this.#folder, "gates", gate))) await wait(5);
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function parsed(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}
