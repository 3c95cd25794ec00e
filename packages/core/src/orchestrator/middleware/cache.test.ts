import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cacheToolResults } from "./cache.ts";
import { TestClock, ada, behind, bob, countingTool, tea } from "./middleware.fixture.ts";
import { type ResultCache, inMemoryResultCache } from "./result-cache.ts";

const minute = 60_000;

function cached(own: Parameters<typeof countingTool>[0] = {}) {
  const clock = new TestClock();
  const cache = inMemoryResultCache({ clock });
  const run = behind([cacheToolResults({ tools: ["say"], ttlMs: minute, cache })]);
  return { ...countingTool(own), run, clock, cache };
}

describe("a cache of tool results", () => {
  it("answers the same call of the same user once more, until its time is over", async () => {
    const { tool, runs, run, clock } = cached();
    expect(await run({ tool })).toEqual(tea);
    clock.time += minute - 1;
    expect(await run({ tool })).toEqual(tea);
    expect(runs).toHaveLength(1);
    clock.time += 1;
    expect(await run({ tool })).toEqual(tea);
    expect(runs).toHaveLength(2);
  });

  it.each([
    ["other arguments", { word: "gin" }],
    ["another user", { user: bob }],
    ["a user of the same id elsewhere", { user: { ...ada, tenant: "work" } }],
    ["another folder", { root: "/srv/shop" }],
  ])("is not asked with %s", async (_what, other) => {
    const { tool, runs, run } = cached();
    await run({ tool });
    await run({ tool, ...other });
    expect(runs).toHaveLength(2);
  });

  it("keeps no failure", async () => {
    let fail = true;
    const { tool, run } = cached({
      run: () => (fail ? Promise.reject(new Error("away")) : Promise.resolve({ said: "back" })),
    });
    await expect(run({ tool })).rejects.toThrow("away");
    fail = false;
    expect(await run({ tool })).toEqual({ said: "back" });
  });

  it.each([
    ["changes something", { effects: ["write"] }],
    ["sends something out", { effects: ["read", "egress"] }],
    ["may not be run again", { idempotent: false }],
    ["takes its label from what went in", { integrity: "inputs" }],
    ["takes its readers from what went in", { effects: [] }],
    ["was not named", { name: "shout" }],
  ] as const)("keeps nothing of a tool that %s", async (_what, own) => {
    const { tool, run, cache } = cached(own);
    await run({ tool });
    expect(cache.size).toBe(0);
  });

  it("is passed over when it cannot be reached", async () => {
    const away: ResultCache = { get: () => Promise.reject(new Error("away")), put: () => Promise.reject(new Error("away")) };
    const { tool, runs } = countingTool();
    const run = behind([cacheToolResults({ tools: ["say"], ttlMs: minute, cache: away })]);
    expect(await run({ tool })).toEqual(tea);
    expect(await run({ tool })).toEqual(tea);
    expect(runs).toHaveLength(2);
  });
});

describe("the cache in memory", () => {
  it("gives each a value of their own", async () => {
    const cache = inMemoryResultCache();
    await cache.put("a", { list: [1] }, minute);
    Object.assign(Object(await cache.get("a")), { list: [] });
    expect(await cache.get("a")).toEqual({ list: [1] });
  });

  it("never holds more than its size, and drops what was used longest ago", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.nat(30))), async (puts) => {
        const cache = inMemoryResultCache({ maxLength: 40 });
        let order: { readonly key: string; readonly length: number }[] = [];
        for (const [key, length] of puts) {
          await cache.put(key, "x".repeat(length), minute);
          order = [...order.filter((one) => one.key !== key), { key, length: length + 2 }];
          while (order.reduce((sum, one) => sum + one.length, 0) > 40) order.shift();
        }
        expect(cache.size).toBe(order.length);
        for (const { key, length } of order) expect(await cache.get(key)).toBe("x".repeat(length - 2));
      }),
    );
  });
});
