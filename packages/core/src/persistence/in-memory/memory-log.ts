import type { OrquestraEvent } from "@orquestra/protocol";

/** The events of a session by their seq, as if those that were trimmed were still counted. */
export class MemoryLog {
  /** The seq of the newest event that was trimmed. */
  #trimmed = 0;
  #events: OrquestraEvent[] = [];

  /** The newest seq. */
  get length(): number {
    return this.#trimmed + this.#events.length;
  }

  get first(): OrquestraEvent | undefined {
    return this.#events[0];
  }

  /** At most `limit` events behind that seq. */
  after(seq: number, limit: number): readonly OrquestraEvent[] {
    const start = Math.max(0, seq - this.#trimmed);
    return this.#events.slice(start, start + limit);
  }

  push(...events: readonly OrquestraEvent[]): void {
    this.#events.push(...events);
  }

  /** Forgets what there is up to that seq, and goes on behind it. */
  trim(seq: number): void {
    if (seq <= this.#trimmed) return;
    this.#events = this.#events.slice(seq - this.#trimmed);
    this.#trimmed = seq;
  }
}
