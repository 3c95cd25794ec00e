import { callAll } from "./readable.ts";
import type { Schedule } from "./schedule.ts";

/** Flushes everything that changed, once for however many changes came before the next frame. */
export class Flusher {
  readonly #schedule: Schedule;
  readonly #dirty = new Set<() => void>();

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  /** `flush` is called once, soon; the same function counts as the same thing to flush. */
  mark(flush: () => void): void {
    this.#dirty.add(flush);
    if (this.#dirty.size > 1) return;
    this.#schedule(() => {
      const flushes = [...this.#dirty];
      this.#dirty.clear();
      callAll(flushes);
    });
  }
}
