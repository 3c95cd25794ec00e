import { describe, expect, it } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

describe("the token bucket", () => {
  it("allows a burst, then refills with time up to the burst and never more", () => {
    let now = 0;
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, { now: () => now });
    const taken = () => Array.from({ length: 5 }, () => bucket.take());
    expect(taken()).toEqual([true, true, true, false, false]);
    now = 199;
    expect(taken()).toEqual([true, false, false, false, false]);
    now = 60_000;
    expect(taken()).toEqual([true, true, true, false, false]);
    now = 0;
    expect(bucket.take()).toBe(false);
  });

  it("promises tokens that are still to come, in the order they were asked for, but none too far away", () => {
    let now = 0;
    const bucket = new TokenBucket({ perSecond: 2, burst: 1 }, { now: () => now });
    expect([1, 2, 3, 4].map(() => bucket.reserve(1000).waitMs)).toEqual([0, 500, 1000, 1500]);
    expect(bucket.reserve(1000)).toEqual({ status: "too_far", waitMs: 1500 });
    now = 500;
    expect(bucket.reserve(1000)).toEqual({ status: "reserved", waitMs: 1000 });
    expect(bucket.take()).toBe(false);
  });

  it("is as good as new once it has filled up", () => {
    let now = 0;
    const bucket = new TokenBucket({ perSecond: 2, burst: 1 }, { now: () => now });
    expect(bucket.full).toBe(true);
    bucket.take();
    expect(bucket.full).toBe(false);
    now = 500;
    expect(bucket.full).toBe(true);
  });

  it("gives nothing for a clock that goes back, and stands still no longer than it takes to fill", () => {
    let now = 1_000_000;
    const bucket = new TokenBucket({ perSecond: 1, burst: 2 }, { now: () => now });
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
    now = 0;
    expect(bucket.take()).toBe(false);
    now = 1000;
    expect([bucket.take(), bucket.take()]).toEqual([true, false]);
  });

  it("gives its burst and no more for a clock that goes ahead", () => {
    let now = 0;
    const bucket = new TokenBucket({ perSecond: 1, burst: 2 }, { now: () => now });
    bucket.take();
    now = 1e15;
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
    expect(bucket.take()).toBe(false);
  });
});
