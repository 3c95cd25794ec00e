import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Reservations } from "./reservations.ts";

interface Use {
  /** What it reserves. */
  readonly most: number;
  /** What part of that it uses. */
  readonly part: number;
  /** After how many steps of the others it ends. */
  readonly steps: number;
  readonly dies: boolean;
}

describe("what is reserved of something", () => {
  it("is never more than there is, however many ask at once and however they end, and nobody waits for ever", async () => {
    const use = fc.record({
      most: fc.integer({ min: 1, max: 60 }),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
      steps: fc.nat({ max: 5 }),
      dies: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 500 }), fc.array(use, { minLength: 100, maxLength: 100 }), async (cap, uses) => {
        const reservations = new Reservations();
        let used = 0;
        const one = async ({ most, part, steps, dies }: Use): Promise<number | null> => {
          const release = await reservations.reserve(
            () => most,
            () => cap - used,
            new AbortController().signal,
          );
          if (release === null) return null;
          try {
            for (let step = 0; step < steps; step += 1) await Promise.resolve();
            if (dies) return 0;
            const mine = Math.floor(most * part);
            used += mine;
            return mine;
          } finally {
            expect(used + reservations.held - most).toBeLessThanOrEqual(cap);
            release();
            release();
          }
        };
        const taken = await Promise.all(uses.map(one));
        expect(used).toBeLessThanOrEqual(cap);
        expect(used).toBe(taken.reduce<number>((sum, mine) => sum + (mine ?? 0), 0));
        expect(reservations.held).toBe(0);
        for (const [index, { most }] of uses.entries()) if (taken[index] === null) expect(most).toBeGreaterThan(cap - used);
      }),
      { numRuns: 50 },
    );
  });

  it("is no longer waited for by whoever is stopped", async () => {
    const reservations = new Reservations();
    const release = await reservations.reserve(
      () => 10,
      () => 10,
      new AbortController().signal,
    );
    const stop = new AbortController();
    const waiting = reservations.reserve(
      () => 1,
      () => 10,
      stop.signal,
    );
    stop.abort();
    await expect(waiting).rejects.toThrow("abort");
    release?.();
    expect(reservations.held).toBe(0);
  });
});
