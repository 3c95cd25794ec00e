import type { BucketLimits } from "../../lib/token-bucket.ts";
import type { SharedCache } from "../../persistence/index.ts";

/** A rate that all nodes keep together. */
export interface SharedRate {
  /** Of the nodes' cluster. While it does not answer, each node keeps the rate for itself. */
  readonly cache: SharedCache;
  /** Tells this limit from others; the same on every node. */
  readonly name: string;
}

export interface Reservation {
  readonly status: "reserved" | "too_far";
  readonly waitMs: number;
}

export interface Wish extends BucketLimits {
  readonly key: string;
  readonly now: number;
  readonly mostMs: number;
}

const shortestWindowMs = 1_000;

/**
 * The next place that nobody was promised on any node; null where nobody counts. Counted in windows, each with the places that
 * the rate has in it: at the border of two, both may be used up one right after the other.
 */
export async function reserveTogether({ cache, name }: SharedRate, wish: Wish): Promise<Reservation | null> {
  const { perSecond, burst, key, now, mostMs } = wish;
  const windowMs = Math.max(shortestWindowMs, (burst / perSecond) * 1000);
  const places = Math.max(burst, Math.floor((perSecond * windowMs) / 1000));
  for (let window = Math.floor(now / windowMs); ; window++) {
    const waitMs = Math.max(0, Math.ceil(window * windowMs - now));
    if (waitMs > mostMs) return { status: "too_far", waitMs };
    const taken = await cache.increment(`rate:${name}:${window}:${key}`, 1, mostMs + 2 * windowMs);
    if (taken === null) return null;
    if (taken <= places) return { status: "reserved", waitMs };
  }
}
