import { type Clock, systemClock } from "../lib/clock.ts";

export interface RestTimes {
  /** Milliseconds a model rests after its first failure; doubled with each that follows. Default 15,000. */
  readonly firstMs?: number;
  /** The longest rest. Default 10 minutes. */
  readonly longestMs?: number;
}

interface Rest {
  readonly failures: number;
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** One call is finding out whether it works again. */
  readonly probing: boolean;
}

/**
 * Which models failed lately. One that did rests; when that is over a single call may try it, and only when that call ends
 * well is it back. Shared by all chains of a process, so that one session's trouble spares the others.
 */
export class ModelHealth {
  readonly #rests = new Map<string, Rest>();
  readonly #clock: Clock;
  readonly #firstMs: number;
  readonly #longestMs: number;

  constructor({ firstMs = 15_000, longestMs = 600_000 }: RestTimes = {}, clock = systemClock) {
    this.#clock = clock;
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
  }

  isResting(id: string): boolean {
    const rest = this.#rests.get(id);
    return rest !== undefined && (rest.probing || rest.until > this.#clock.now());
  }

  /** Whether a call may go to this model. Whoever gets a yes says how it went: `failed`, `worked` or `unclear`. */
  admits(id: string): boolean {
    if (this.isResting(id)) return false;
    const rest = this.#rests.get(id);
    if (rest !== undefined) this.#rests.set(id, { ...rest, probing: true });
    return true;
  }

  /** Rests at least as long as its provider asked for. Calls that fail side by side fail of one trouble and count once. */
  failed(id: string, retryAfterMs = 0): void {
    const now = this.#clock.now();
    const before = this.#rests.get(id) ?? { failures: 0, until: 0, probing: false };
    const again = before.probing || before.until <= now;
    const failures = before.failures + (again ? 1 : 0);
    const restMs = Math.min(this.#longestMs, this.#firstMs * 2 ** (failures - 1));
    const until = Math.max(again ? now + restMs : before.until, now + retryAfterMs);
    this.#rests.set(id, { failures, until, probing: false });
  }

  worked(id: string): void {
    this.#rests.delete(id);
  }

  /** The call said nothing about the model: it was stopped, or its request was at fault. Another may find out. */
  unclear(id: string): void {
    const rest = this.#rests.get(id);
    if (rest?.probing === true) this.#rests.set(id, { ...rest, probing: false });
  }
}
