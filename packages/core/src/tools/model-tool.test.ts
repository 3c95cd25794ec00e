import { describe, expect, it } from "vitest";
import { z } from "zod";
import { builtInTools, defineTool, modelToolOf } from "./index.ts";

describe("a tool as providers are told of it", () => {
  const tools = new Map(builtInTools().map((tool) => [tool.name, modelToolOf(tool)]));
  const reference = { type: "object", properties: { $ref: { type: "string" } }, required: ["$ref"] };

  it("takes a value or a reference for every parameter, and tells its output", () => {
    const tool = tools.get("file_write");
    expect(tool?.description).toMatch(/^\S.* → \{path, created, added, removed\}$/);
    expect(tool?.parameters).toEqual({
      type: "object",
      properties: {
        path: { anyOf: [expect.objectContaining({ type: "string" }), reference] },
        text: { anyOf: [expect.objectContaining({ type: "string" }), reference] },
      },
      required: ["path", "text"],
      additionalProperties: false,
    });
  });

  it("leaves optional parameters optional", () => {
    expect(tools.get("code_search")?.parameters).toMatchObject({ required: ["pattern"] });
  });

  it("names only limits that somebody set", () => {
    const tool = defineTool({
      name: "count",
      description: "Counts.",
      input: z.object({ any: z.number().int(), few: z.number().int().min(1).max(9) }),
      output: z.object({}),
      effects: [],
      critical: [],
      integrity: "inputs",
      idempotent: true,
      undoable: false,
      timeoutMs: 1000,
      run: async () => ({}),
    });
    expect(modelToolOf(tool).parameters).toMatchObject({
      properties: {
        any: { anyOf: [{ type: "integer" }, reference] },
        few: { anyOf: [{ type: "integer", minimum: 1, maximum: 9 }, reference] },
      },
    });
    expect(JSON.stringify(modelToolOf(tool))).not.toContain("900719");
  });

  it("has names that every provider takes", () => {
    for (const name of tools.keys()) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  it("takes little room: the built-in ones together are under 2,100 tokens", () => {
    const characters = [...tools.values()].reduce((sum, tool) => sum + JSON.stringify(tool).length, 0);
    console.info(
      `the built-in tools as native definitions: ${characters} characters, about ${Math.round(characters / 4)} tokens`,
    );
    expect(characters / 4).toBeLessThan(2100);
  });
});
