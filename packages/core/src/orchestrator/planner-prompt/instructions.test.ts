import { describe, expect, it } from "vitest";
import { estimateTokens } from "../../context/index.ts";
import { plannerInstructions, promptName } from "./instructions.ts";

const formats = ["lines", "json", "tools"] as const;

describe.each(formats)("the planner's prompt for %s", (format) => {
  it("is what the file of its version shows: another text is another version", async () => {
    await expect(plannerInstructions(format)).toMatchFileSnapshot(`./__snapshots__/${promptName(format)}.txt`);
  });

  it("takes at most 600 tokens", () => {
    const tokens = estimateTokens(plannerInstructions(format));
    console.info(`${promptName(format)}: about ${tokens} tokens`);
    expect(tokens).toBeLessThanOrEqual(600);
  });

  it("asks for the longest chain first, and says when to answer at once", () => {
    expect(plannerInstructions(format)).toMatch(/longest chain first/);
    expect(plannerInstructions(format)).toMatch(/just answer/);
  });
});
