import { setTimeout as delay } from "node:timers/promises";
import { type Clock, systemClock } from "../lib/clock.ts";

/** What one provider is asked at most. Absent or 0: no limit. */
export interface LaneLimits {
  /** Calls that stream at the same time. Default 1,000. */
  readonly concurrent?: number | undefined;
  readonly requestsPerMinute?: number | undefined;
  /** Input and output, as the provider counted them: the calls of a minute are known when they have ended. */
  readonly tokensPerMinute?: number | undefined;
}

export interface LaneTime {
  readonly clock: Clock;
  /** Rejects when the signal is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const realTime: LaneTime = { clock: systemClock, wait: (ms, signal) => delay(ms, undefined, { signal, ref: false }) };
const minute = 60_000;
const longestPrecaution = 30_000;

interface Spent {
  readonly at: number;
  readonly amount: number;
}

/** One place in the queue of a lane. */
export interface Place {
  /** Calls before it when it came. */
  readonly ahead: number;
  /** Resolves when the call may begin: true; or when its signal was aborted before: false. */
  readonly turn: Promise<boolean>;
  /** Gives up the place, or the turn that came of it. */
  leave(): void;
}

/**
 * The way to one provider, for one key: calls begin in the order they came, as far as limits and the provider's own wishes
 * allow. Whoever has had a turn leaves once.
 */
export class Lane {
  readonly #limits: Required<{ readonly [limit in keyof LaneLimits]: number }>;
  readonly #time: LaneTime;
  readonly #queue: QueuedPlace[] = [];
  #active = 0;
  #pausedUntil = 0;
  #requests: Spent[] = [];
  #tokens: Spent[] = [];
  #alarm: AbortController | null = null;

  constructor(limits: LaneLimits = {}, time: LaneTime = realTime) {
    const { concurrent = 1000, requestsPerMinute = 0, tokensPerMinute = 0 } = limits;
    this.#limits = { concurrent, requestsPerMinute, tokensPerMinute };
    this.#time = time;
  }

  /** Milliseconds until the provider may be asked again, as it said itself. */
  get pausedFor(): number {
    return Math.max(0, this.#pausedUntil - this.#time.clock.now());
  }

  /** Takes a turn where there is room; false where one must queue. */
  enterNow(): boolean {
    if (this.#queue.length > 0 || this.#waitNeeded() > 0) return false;
    this.#begin();
    return true;
  }

  enter(signal: AbortSignal): Place {
    const place = new QueuedPlace(this.#queue.length, signal, (queued) => {
      if (!queued) return this.leave(0);
      this.#queue.splice(this.#queue.indexOf(place), 1);
    });
    this.#queue.push(place);
    if (signal.aborted) place.leave();
    this.#advance();
    return place;
  }

  leave(tokens: number): void {
    this.#active -= 1;
    if (tokens > 0 && this.#limits.tokensPerMinute > 0) this.#tokens.push({ at: this.#time.clock.now(), amount: tokens });
    this.#advance();
  }

  /** Nobody begins for so long: the provider asked for it. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#time.clock.now() + ms);
  }

  /** For adapters: an answer's headers said that nothing is left. Only a refusal makes anybody wait longer than half a minute. */
  readonly exhausted = (ms: number): void => this.pause(Math.min(ms, longestPrecaution));

  #begin(): void {
    this.#active += 1;
    if (this.#limits.requestsPerMinute > 0) this.#requests.push({ at: this.#time.clock.now(), amount: 1 });
  }

  #advance(): void {
    for (;;) {
      const first = this.#queue[0];
      if (first === undefined) return this.#alarm?.abort();
      const waitMs = this.#waitNeeded();
      if (waitMs > 0) return this.#wakeIn(waitMs);
      this.#queue.shift();
      this.#begin();
      first.begin();
    }
  }

  /** Milliseconds until time alone makes room; infinite where another call must end first. */
  #waitNeeded(): number {
    const { concurrent, requestsPerMinute, tokensPerMinute } = this.#limits;
    if (concurrent > 0 && this.#active >= concurrent) return Number.POSITIVE_INFINITY;
    const now = this.#time.clock.now();
    this.#requests = within(this.#requests, now);
    this.#tokens = within(this.#tokens, now);
    return Math.max(this.pausedFor, roomIn(this.#requests, requestsPerMinute, now), roomIn(this.#tokens, tokensPerMinute, now));
  }

  #wakeIn(ms: number): void {
    this.#alarm?.abort();
    this.#alarm = null;
    if (ms === Number.POSITIVE_INFINITY) return;
    const alarm = new AbortController();
    this.#alarm = alarm;
    const advance = (): void => {
      if (!alarm.signal.aborted) this.#advance();
    };
    this.#time.wait(ms, alarm.signal).then(advance, () => undefined);
  }
}

class QueuedPlace implements Place {
  readonly ahead: number;
  readonly turn: Promise<boolean>;
  readonly #signal: AbortSignal;
  readonly #left: (queued: boolean) => void;
  #settle: (began: boolean) => void = () => undefined;
  #state: "queued" | "begun" | "left" = "queued";

  constructor(ahead: number, signal: AbortSignal, left: (queued: boolean) => void) {
    this.ahead = ahead;
    this.#signal = signal;
    this.#left = left;
    this.turn = new Promise((resolve) => {
      this.#settle = resolve;
    });
    signal.addEventListener("abort", this.#stop, { once: true });
  }

  begin(): void {
    this.#state = "begun";
    this.#signal.removeEventListener("abort", this.#stop);
    this.#settle(true);
  }

  leave(): void {
    if (this.#state === "left") return;
    const queued = this.#state === "queued";
    this.#state = "left";
    this.#signal.removeEventListener("abort", this.#stop);
    this.#settle(false);
    this.#left(queued);
  }

  readonly #stop = (): void => this.leave();
}

function within(spent: Spent[], now: number): Spent[] {
  const first = spent.findIndex(({ at }) => at > now - minute);
  return first <= 0 ? (first === 0 ? spent : []) : spent.slice(first);
}

/** Milliseconds until so much of the last minute's has passed that less than the limit is left. */
function roomIn(spent: readonly Spent[], limit: number, now: number): number {
  if (limit <= 0) return 0;
  let sum = spent.reduce((total, { amount }) => total + amount, 0);
  for (const { at, amount } of spent) {
    if (sum < limit) return 0;
    sum -= amount;
    if (sum < limit) return Math.max(1, at + minute - now);
  }
  return 0;
}
