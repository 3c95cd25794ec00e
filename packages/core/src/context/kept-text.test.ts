import { type Label, integrityLevels, isAtLeast, joinAll, joinLabels } from "@orquestra/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemblePrompt } from "./assemble-prompt.ts";
import { keptFrom } from "./kept-text.ts";
import { exchange, inputOf, preference, readable } from "./prompts.fixture.ts";

// What is to come (summaries of a conversation, memories) keeps texts through this port; preferences and recall do today.

const label: fc.Arbitrary<Label> = fc.record({
  integrity: fc.constantFrom(...integrityLevels),
  confidentiality: fc.oneof(
    fc.constantFrom("public" as const, "secret" as const),
    fc.subarray(["user:ada", "user:bob", "user:cy"]),
  ),
});
const labels = fc.array(label, { minLength: 1, maxLength: 8 });

describe("a text that is kept", () => {
  it("is under everything it was written from", () => {
    fc.assert(
      fc.property(labels, (sources) => {
        const kept = keptFrom("short", sources).label;
        for (const source of sources) {
          expect(isAtLeast(source.integrity, kept.integrity)).toBe(true);
          expect(joinLabels(kept, source)).toEqual(kept);
        }
      }),
    );
  });

  it("has the same label however often it is written anew, in whatever parts and order", () => {
    fc.assert(
      fc.property(labels, fc.nat(8), fc.boolean(), (sources, cut, turned) => {
        const parts = [sources.slice(0, cut), sources.slice(cut)].map((part) => keptFrom("a part", part).label);
        const again = keptFrom("a summary of summaries", [keptFrom("whole", turned ? parts.toReversed() : parts).label]);
        expect(again.label).toEqual(keptFrom("at once", sources).label);
      }),
    );
  });

  it("remembered for every prompt, lowers it by all it was written from", () => {
    fc.assert(
      fc.property(labels, (sources) => {
        const { text, label: kept } = keptFrom("Answer in verse.", sources);
        const prompt = assemblePrompt(inputOf({ preferences: [preference("style", text, kept)] }));
        expect(prompt.control).toEqual(joinAll(sources));
      }),
    );
  });

  it("in the place of a conversation, is shown only where all of that could be, and vouches for no more", () => {
    fc.assert(
      fc.property(labels, (sources) => {
        const whole = sources.map((source, index) => exchange(index + 1, `said ${index}`, { label: source }));
        const { text, label: kept } = keptFrom("THE SUMMARY", sources);
        const summary = assemblePrompt(inputOf({ history: [exchange(1, text, { label: kept })] }));
        const isOutside = sources.some(({ integrity }) => integrity === "outside");
        expect(readable(summary).includes(text)).toBe(!isOutside);
        if (!isOutside) expect(summary.control).toEqual(assemblePrompt(inputOf({ history: whole })).control);
      }),
    );
  });
});
