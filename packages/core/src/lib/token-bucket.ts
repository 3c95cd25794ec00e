import type { Clock } from "./clock.ts";

export interface BucketLimits {
  readonly perSecond: number;
  readonly burst: number;
}

/** Allows `burst` at once and `perSecond` in the long run. */
export class TokenBucket {
  readonly #limits: BucketLimits;
  readonly #clock: Clock;
  /** Below zero: promised to those who wait. */
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
    return this.reserve(0).status === "reserved";
  }

  /**
   * The next token that nobody was promised, and how long it is until then; too far away, none is taken. Whoever reserves
   * first is first.
   */
  reserve(mostMs: number): { readonly status: "reserved" | "too_far"; readonly waitMs: number } {
    this.#fill();
    const waitMs = this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / this.#limits.perSecond) * 1000);
    if (waitMs > mostMs) return { status: "too_far", waitMs };
    this.#tokens -= 1;
    return { status: "reserved", waitMs };
  }

  /** As good as new. */
  get full(): boolean {
    this.#fill();
    return this.#tokens >= this.#limits.burst;
  }

  #fill(): void {
    const now = this.#clock.now();
    const earned = (Math.max(0, now - this.#filledAt) / 1000) * this.#limits.perSecond;
    this.#tokens = Math.min(this.#limits.burst, this.#tokens + earned);
    this.#filledAt = now;
  }
}
