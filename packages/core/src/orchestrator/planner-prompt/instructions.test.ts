import { expect, it } from "vitest";
import { estimateTokens } from "../../context/index.ts";
import { plannerInstructions } from "./instructions.ts";

it.each(["lines", "json", "tools"] as const)(
  "the planner's prompt for %s is what its file shows, in under 900 tokens",
  async (format) => {
    const text = plannerInstructions(format);
    await expect(text).toMatchFileSnapshot(`./__snapshots__/${format}.txt`);
    expect(estimateTokens(text)).toBeLessThan(900);
  },
);
