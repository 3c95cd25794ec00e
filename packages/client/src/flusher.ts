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
    const scheduled = this.#dirty.size > 0;
    this.#dirty.add(flush);
    if (scheduled) return;
    this.#schedule(() => {
      const flushes = [...this.#dirty];
      this.#dirty.clear();
      callAll(flushes);
    });
  }
}
