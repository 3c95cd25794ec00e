import { describe, expect, it } from "vitest";
import { TestClock, ada, behind, bob, countingTool, errorOf, partsThrough, scriptedModel, textOf } from "./middleware.fixture.ts";
import { limitToolRate, limitTurnRate } from "./rate-limit.ts";

function limited(own: Partial<Parameters<typeof limitToolRate>[0]> = {}) {
  const clock = new TestClock();
  const { now, wait } = clock;
  const limit = { perSecond: 1, burst: 2, maxWaitMs: 2000, clock: { now }, wait, ...own };
  return { clock, limit, run: behind([limitToolRate(limit)]), ...countingTool() };
}

describe("a rate of tool calls", () => {
  it("lets a burst through and makes the next ones wait their time", async () => {
    const { clock, run, tool, runs } = limited();
    for (let i = 0; i < 4; i++) await run({ tool });
    expect(clock.waits).toEqual([1000, 1000]);
    expect(runs).toHaveLength(4);
  });

  it("lets those go first that came first", async () => {
    const waits: number[] = [];
    const { run, tool } = limited({ wait: async (ms) => waits.push(ms) });
    await Promise.all([1, 2, 3, 4].map(() => run({ tool })));
    expect(waits).toEqual([1000, 2000]);
  });

  it("fails a call that would wait too long, and says when it may come again", async () => {
    const { run, tool, runs } = limited({ maxWaitMs: 999 });
    await run({ tool });
    await run({ tool });
    await expect(run({ tool })).rejects.toMatchObject({
      code: "rate_limited",
      retryable: true,
      message: "say is called too often. It may be called again in 1 s.",
    });
    expect(runs).toHaveLength(2);
  });

  it("is each user's own, or whatever the product says", async () => {
    const own = limited({ maxWaitMs: 0, burst: 1 });
    await own.run({ tool: own.tool, user: ada });
    await own.run({ tool: own.tool, user: bob });
    await expect(own.run({ tool: own.tool, user: ada })).rejects.toMatchObject({ code: "rate_limited" });
    const shared = limited({ maxWaitMs: 0, burst: 1, per: ({ tool }) => tool.name });
    await shared.run({ tool: shared.tool, user: ada });
    await expect(shared.run({ tool: shared.tool, user: bob })).rejects.toMatchObject({ code: "rate_limited" });
  });

  it("stops waiting when the call is stopped", async () => {
    const { run, tool, runs } = limited({ wait: (_ms, signal) => Promise.reject(signal.reason) });
    await run({ tool });
    await run({ tool });
    await expect(run({ tool, signal: AbortSignal.abort(new Error("stopped")) })).rejects.toThrow("stopped");
    expect(runs).toHaveLength(2);
  });
});

describe("a rate of model calls", () => {
  it("tells the wait, and fails what would wait too long with when to come again", async () => {
    const { now, wait, waits } = new TestClock();
    const layer = limitTurnRate({ perSecond: 0.5, burst: 1, maxWaitMs: 2000, clock: { now: () => start }, wait });
    const start = now();
    const model = scriptedModel([{ text: "One." }, { text: "Two." }]);
    expect(textOf(await partsThrough([layer], model))).toBe("One.");
    const second = await partsThrough([layer], model);
    expect(second[0]).toEqual({ type: "notice", text: "It is asked in 2 s: there are too many questions at once." });
    expect(textOf(second)).toBe("Two.");
    expect(waits).toEqual([2000]);
    expect(errorOf(await partsThrough([layer], model))).toMatchObject({
      kind: "rate_limit",
      retryable: true,
      retryAfterMs: 4000,
    });
  });
});
