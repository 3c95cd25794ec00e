import type { Clock } from "../lib/clock.ts";

export interface BucketLimits {
  readonly perSecond: number;
  readonly burst: number;
}

/** Allows `burst` at once and `perSecond` in the long run. */
export class TokenBucket {
  readonly #limits: BucketLimits;
  readonly #clock: Clock;
  #tokens: number;
  #filledAt: number;

  constructor(limits: BucketLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#tokens = limits.burst;
    this.#filledAt = clock.now();
  }

  /** Takes one token, if there is one. */
  take(): boolean {
    const now = this.#clock.now();
    const earned = (Math.max(0, now - this.#filledAt) / 1000) * this.#limits.perSecond;
    this.#tokens = Math.min(this.#limits.burst, this.#tokens + earned);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
