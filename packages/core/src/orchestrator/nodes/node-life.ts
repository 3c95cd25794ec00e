import { messageOf } from "../../lib/error.ts";
import type { WakeUp } from "../../persistence/index.ts";
import type { EngineParts } from "../parts.ts";
import type { RunBook } from "../run-book.ts";
import type { Inbox } from "./inbox.ts";

/** Wake-ups that a sweep adds at most: the next beat comes soon. */
const sweptAtOnce = 500;

/**
 * A node among others: says with each beat that it lives, and looks for what nobody told it: runs that no living node has, and
 * commands that wait for it. A node that is alone says so once, and takes up everything that has not ended.
 */
export class NodeLife {
  readonly #parts: EngineParts;
  readonly #runs: RunBook;
  readonly #inbox: Inbox;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #busy = false;
  #resting = false;

  constructor(parts: EngineParts, runs: RunBook, inbox: Inbox) {
    this.#parts = parts;
    this.#runs = runs;
    this.#inbox = inbox;
  }

  /** Resolves when the node is known to the others and what was left by earlier processes is on its way. */
  async begin(): Promise<void> {
    const { store, nodeId, cluster, timing } = this.#parts;
    if (cluster.alone) {
      await store.ownership.beat(nodeId, { leaseMs: null, alone: true });
      this.#runs.start();
      for (const wakeUp of await store.ownership.runnable(Number.MAX_SAFE_INTEGER)) this.#runs.wake(wakeUp);
      return;
    }
    await store.ownership.beat(nodeId, { leaseMs: timing.leaseMs });
    await this.#inbox.open();
    this.#runs.start();
    await this.#sweep();
    this.#timer = setInterval(() => this.#beat(), timing.beatMs).unref();
  }

  /** Looks no more for work. It still lives: what is under way stays its own. */
  rest(): void {
    this.#resting = true;
  }

  /** The node is gone: what it had is free, and the others are told. */
  async end(left: readonly WakeUp[]): Promise<void> {
    const { store, nodeId, cluster, log } = this.#parts;
    clearInterval(this.#timer);
    await this.#beating;
    try {
      await store.ownership.end(nodeId);
      if (!cluster.alone) await Promise.all(left.map((wakeUp) => cluster.queue.add(wakeUp)));
    } catch (error) {
      log.warn({ error: messageOf(error) }, "the others could not be told that this node ends; they find out by its lease");
    }
  }

  #beat(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#beating = this.#live()
      .catch((error: unknown) => this.#parts.log.warn({ error: messageOf(error) }, "the node could not say that it lives"))
      .finally(() => {
        this.#busy = false;
      });
  }

  async #live(): Promise<void> {
    const { store, nodeId, timing } = this.#parts;
    const kept = await store.ownership.beat(nodeId, { leaseMs: timing.leaseMs });
    if (!kept) await this.#runs.dropLost();
    if (this.#resting) return;
    this.#inbox.look();
    await this.#sweep();
  }

  async #sweep(): Promise<void> {
    for (const wakeUp of await this.#parts.store.ownership.runnable(sweptAtOnce)) this.#runs.wake(wakeUp);
  }
}
