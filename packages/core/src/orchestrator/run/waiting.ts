import type { Clock } from "../../lib/clock.ts";

interface WaitingParts {
  readonly clock: Clock;
  /** How long, in milliseconds, somebody is waited for before `tired` is called. */
  readonly patienceMs: number;
  readonly tired: () => void;
}

/** How long a run has waited for a person. */
export class Waiting {
  readonly #parts: WaitingParts;
  #before = 0;
  #since: number | null = null;
  #patience: NodeJS.Timeout | undefined;

  constructor(parts: WaitingParts) {
    this.#parts = parts;
  }

  /** Milliseconds in all, but for the wait that goes on. */
  get total(): number {
    return this.#before;
  }

  set(waiting: boolean): void {
    if (waiting === (this.#since !== null)) return;
    const now = this.#parts.clock.now();
    if (this.#since !== null) this.#before += now - this.#since;
    this.#since = waiting ? now : null;
    this.end();
    if (waiting) this.#patience = setTimeout(this.#parts.tired, this.#parts.patienceMs).unref();
  }

  /** Nobody gets tired any more. */
  end(): void {
    clearTimeout(this.#patience);
  }
}
