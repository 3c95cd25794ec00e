import { describe, expect, it } from "vitest";
import { builtInTools, modelToolOf } from "./index.ts";

describe("a tool as providers are told of it", () => {
  const tools = new Map(builtInTools().map((tool) => [tool.name, modelToolOf(tool)]));

  it("takes a value or a reference for every parameter, and tells its output", () => {
    const reference = {
      type: "object",
      properties: { $ref: { type: "string" } },
      required: ["$ref"],
      additionalProperties: false,
    };
    const tool = tools.get("file_write");
    expect(tool?.description).toMatch(/^file_write\(path, text\) → \{.*\} {2}\S/);
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

  it("has names that every provider takes", () => {
    for (const name of tools.keys()) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });
});
