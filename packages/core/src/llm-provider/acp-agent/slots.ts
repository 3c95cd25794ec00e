import { once } from "node:events";

/** So many at once; whoever comes later waits in line. */
export class Slots {
  #free: number;
  readonly #line: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Takes a slot if one is free and nobody waits for it. */
  tryTake(): boolean {
    if (this.#free === 0) return false;
    this.#free -= 1;
    return true;
  }

  /** Waits for a slot. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.tryTake()) return;
    const over = new AbortController();
    let mine = (): void => undefined;
    const turn = new Promise<void>((resolve) => {
      mine = resolve;
      this.#line.push(mine);
    });
    const aborted = once(signal, "abort", { signal: over.signal }).then(() => false);
    try {
      if (await Promise.race([turn.then(() => true), aborted])) return;
    } finally {
      over.abort();
      aborted.catch(() => undefined);
    }
    this.#leave(mine);
    throw signal.reason;
  }

  /** Gives a slot back: to whoever waits longest. */
  give(): void {
    const next = this.#line.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }

  /** Who gave up after their turn had come passes the slot on. */
  #leave(waiter: () => void): void {
    const place = this.#line.indexOf(waiter);
    if (place === -1) this.give();
    else this.#line.splice(place, 1);
  }
}
