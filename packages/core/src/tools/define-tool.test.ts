import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineTool } from "./index.ts";

const least = {
  name: "say",
  description: "Says it.",
  input: z.object({ word: z.string(), loud: z.boolean().optional() }),
  output: z.object({ said: z.string() }),
  run: async ({ word }: { readonly word: string }) => ({ said: word }),
};

describe("a tool that says little of itself", () => {
  it("gives text that anybody may have written, and may be read again", () => {
    expect(defineTool({ ...least, effects: ["read"] })).toMatchObject({
      critical: [],
      integrity: "outside",
      idempotent: true,
      undoable: false,
      timeoutMs: 30_000,
    });
  });

  it("has no argument that text from outside may decide, where it does more than read", () => {
    for (const effects of [["write"], ["read", "egress"], ["exec"]] as const)
      expect(defineTool({ ...least, effects })).toMatchObject({ critical: ["word", "loud"], idempotent: false, undoable: false });
  });

  it("is what it says, where it says it", () => {
    const own = { critical: ["loud"], integrity: "system", idempotent: true, undoable: true, timeoutMs: 1 } as const;
    expect(defineTool({ ...least, ...own, effects: ["write"] })).toMatchObject(own);
  });

  it("does not compile without its effects", () => {
    // @ts-expect-error -- what a tool does to the world is never guessed
    expect(() => defineTool(least)).toThrow(TypeError);
  });
});
