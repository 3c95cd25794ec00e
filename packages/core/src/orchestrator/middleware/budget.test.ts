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
  it("carries a call to its end and refuses the next", async () => {
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
});
