import { EventEmitter, once } from "node:events";

/**
 * What is reserved of something that must not be used up twice. Many who look at what is left at the same time would each find
 * enough: so each first reserves the most it can come to, and gives that back when it knows what it was.
 */
export class Reservations {
  #held = 0;
  readonly #given = new EventEmitter().setMaxListeners(0);

  /** What those who have not ended may still use. */
  get held(): number {
    return this.#held;
  }

  /**
   * Waits until `most` fits into what is left beside what others hold; both are looked at anew each time. Null where it would
   * not fit even if they used nothing. The function that comes back gives the reservation up, once, however often it is called: whoever reserves does that in a
   * `finally`, after counting what was used. Rejects when the signal is aborted.
   */
  async reserve(most: () => number, left: () => number, signal: AbortSignal): Promise<(() => void) | null> {
    signal.throwIfAborted();
    for (;;) {
      const wanted = most();
      if (wanted > left()) return null;
      if (this.#held + wanted <= left()) return this.#hold(wanted);
      await once(this.#given, "given", { signal });
    }
  }

  #hold(most: number): () => void {
    this.#held += most;
    let holds = true;
    return () => {
      if (!holds) return;
      holds = false;
      this.#held -= most;
      this.#given.emit("given");
    };
  }
}
