import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { newId } from "../../lib/ids.ts";
import type { Cluster, WakeUp, Work } from "../../persistence/index.ts";

export interface ClusterUnderTest<Nodes extends Cluster[]> {
  /** All there are: nobody else works in it. */
  readonly nodes: Readonly<Nodes>;
  dispose(): Promise<void>;
}

export function wakeUp(runId: string = newId()): WakeUp {
  return { runId, sessionId: `session of ${runId}` };
}

const patienceMs = 20_000;

/** Resolves as soon as the condition holds. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + patienceMs; performance.now() < end; await wait(5)) if (await condition()) return;
  assert.fail(`not within ${patienceMs} ms: ${what}`);
}

/** A worker that keeps what it is given until it is told to let go of it. */
export class Desk {
  /** Run ids in the order they came. */
  readonly taken: string[] = [];
  readonly wakeUps: WakeUp[] = [];
  most = 0;
  readonly #held = new Map<string, { readonly done: () => void; readonly failed: (why: Error) => void }>();

  get holding(): readonly string[] {
    return [...this.#held.keys()];
  }

  /** Ends when it is told to, or rejects when its signal aborts. */
  readonly work: Work = (given, signal) => {
    const { runId } = given;
    this.taken.push(this.#held.has(runId) ? `${runId}, which is here already` : runId);
    this.wakeUps.push(given);
    return new Promise<void>((resolve, reject) => {
      const end = (): void => {
        this.#held.delete(runId);
      };
      const failed = (why: Error): void => {
        end();
        reject(why);
      };
      const done = (): void => {
        end();
        resolve();
      };
      this.#held.set(runId, { done, failed });
      this.most = Math.max(this.most, this.#held.size);
      signal.addEventListener("abort", () => failed(new Error("stopped")), { once: true });
    });
  };

  finish(runId: string): void {
    this.#held.get(runId)?.done();
  }

  reject(runId: string): void {
    this.#held.get(runId)?.failed(new Error("made-up failure"));
  }

  async gets(runId: string): Promise<void> {
    await eventually(`it is at ${runId}`, () => this.#held.has(runId));
  }

  /** Takes and finishes until it has had so many. */
  async clearsUntil(count: number): Promise<void> {
    await eventually(`it had ${count}, of which ${this.taken.join(", ")}`, () => {
      for (const runId of this.holding) this.finish(runId);
      return this.taken.length >= count && this.#held.size === 0;
    });
  }
}

/** A desk that takes part in a node's queue. */
export function deskAt({ queue }: Cluster, concurrency = 1): Desk {
  const desk = new Desk();
  queue.work(desk.work, { concurrency });
  return desk;
}
