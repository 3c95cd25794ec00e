import { describe, expect, it } from "vitest";
import { budgetTokens, budgetToolCalls } from "./budget.ts";
import { TestClock, ada, behind, bob, countingTool, errorOf, partsThrough, scriptedModel, textOf } from "./middleware.fixture.ts";

const hour = 3_600_000;

describe("a budget of tool calls", () => {
  it("ends after so many calls of one user, and begins anew with the next window", async () => {
    const clock = new TestClock();
    const { tool, runs } = countingTool();
    const run = behind([budgetToolCalls({ calls: 2, windowMs: hour, clock })]);
    await run({ tool, user: ada });
    clock.time += hour - 1;
    await run({ tool, user: ada });
    await expect(run({ tool, user: ada })).rejects.toMatchObject({
      code: "budget_spent",
      retryable: false,
      message: "Ada has made all of their 2 calls. The next one may be made after 2026-01-01 01:00 UTC.",
    });
    await run({ tool, user: bob });
    clock.time += 1;
    await run({ tool, user: ada });
    expect(runs).toHaveLength(4);
  });

  it("lets as many of a hundred calls at once through as it has, however each ends", async () => {
    let runs = 0;
    const { tool } = countingTool({
      run: async () => {
        runs += 1;
        await Promise.resolve();
        if (runs % 3 === 0) throw new Error("away");
        return { said: "tea" };
      },
    });
    const run = behind([budgetToolCalls({ calls: 30, windowMs: hour, clock: new TestClock() })]);
    const ends = await Promise.allSettled(Array.from({ length: 100 }, () => run({ tool, user: ada })));
    expect(runs).toBe(30);
    const refused = ends.filter((end) => end.status === "rejected" && String(end.reason).includes("all of their 30"));
    expect(refused).toHaveLength(70);
  });

  it("counts calls that fail, and only of the tools it names", async () => {
    const { tool } = countingTool({ run: () => Promise.reject(new Error("away")) });
    const run = behind([budgetToolCalls({ calls: 1, windowMs: hour, tools: ["say"] })]);
    const other = countingTool({ name: "shout" });
    await run({ tool: other.tool });
    await expect(run({ tool })).rejects.toThrow("away");
    await expect(run({ tool })).rejects.toMatchObject({ code: "budget_spent" });
    await run({ tool: other.tool });
  });
});

describe("a budget of tokens", () => {
  it("counts what a call used, also beyond what it was held to, and refuses the next", async () => {
    const layer = budgetTokens({ tokens: 100, windowMs: hour, clock: new TestClock() });
    const usage = { inputTokens: 90, outputTokens: 20 };
    const model = scriptedModel([
      { text: "One.", usage },
      { text: "Two.", usage },
    ]);
    expect(textOf(await partsThrough([layer], model, { user: ada }))).toBe("One.");
    const refused = errorOf(await partsThrough([layer], model, { user: ada }));
    expect(refused).toMatchObject({ kind: "rate_limit", retryable: false });
    expect(refused?.message).toBe("Ada has used all of their 100 tokens. There are new ones after 2026-01-01 01:00 UTC.");
    expect(textOf(await partsThrough([layer], model, { user: bob }))).toBe("Two.");
  });

  it("holds an answer to what is left, and leaves the request alone where there is enough", async () => {
    const layer = budgetTokens({ tokens: 20_000, windowMs: hour, clock: new TestClock() });
    const usage = { inputTokens: 100, outputTokens: 9_900 };
    const model = scriptedModel([
      { text: "One.", usage },
      { text: "Two.", usage: { inputTokens: 10, outputTokens: 10 } },
    ]);
    await partsThrough([layer], model, { user: ada });
    await partsThrough([layer], model, { user: ada });
    const [first, second] = model.requests.map(({ maxOutputTokens }) => maxOutputTokens);
    expect(first).toBeUndefined();
    expect(second).toBeLessThan(10_000);
    expect(second).toBeGreaterThan(9_900);
  });

  it("takes nothing for a call that failed before it began, and an estimate for one that never said what it used", async () => {
    const layer = budgetTokens({ tokens: 200, windowMs: hour, clock: new TestClock() });
    const cut = { text: "word".repeat(150), cut: true };
    const model = scriptedModel([{ cut: true }, { cut: true }, cut, { text: "never" }]);
    for (const kind of ["network", "network", "network", "rate_limit"])
      expect(errorOf(await partsThrough([layer], model, { user: ada }))).toMatchObject({ kind });
  });
});

describe("a clock that jumps", () => {
  const spentAt = async (jump: number): Promise<(ms: number) => Promise<boolean>> => {
    const clock = new TestClock();
    const { tool } = countingTool();
    const run = behind([budgetToolCalls({ calls: 1, windowMs: hour, clock })]);
    await run({ tool, user: ada });
    clock.time += jump;
    await run({ tool, user: ada }).catch(() => null);
    return (ms) => {
      clock.time += ms;
      return run({ tool, user: ada }).then(
        () => true,
        () => false,
      );
    };
  };

  it("back gives no budget a second time, and keeps nobody out for longer than a window", async () => {
    const later = await spentAt(-1000 * hour);
    expect(await later(0)).toBe(false);
    expect(await later(hour - 1)).toBe(false);
    expect(await later(1)).toBe(true);
  });

  it("ahead begins one window and no more", async () => {
    const later = await spentAt(1000 * hour);
    expect(await later(0)).toBe(false);
    expect(await later(hour)).toBe(true);
  });
});
