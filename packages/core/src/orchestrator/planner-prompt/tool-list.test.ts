import { describe, expect, it } from "vitest";
import { builtInTools, createToolRegistry } from "../../tools/index.ts";
import { manyTools } from "../../testing/integration/many-tools.fixture.ts";
import { type ToolUse, toolListFor } from "./tool-list.ts";

const many = createToolRegistry([...manyTools, ...builtInTools()]);

/** The names of the tools that are described, in their order. */
function described(use: Partial<ToolUse>, tools = many): readonly string[] {
  const { text, native } = toolListFor(tools, { format: "lines", mostUsed: [], inRun: [], ...use });
  const inText = Array.from(text.matchAll(/^([a-z_]+)\(/gm), ([, name = ""]) => name);
  return [...inText, ...native.map(({ name }) => name)];
}

describe("the tools a model is told of", () => {
  it.each(["lines", "json", "tools"] as const)("are all of a few, in their order, in %s", (format) => {
    const tools = builtInTools();
    expect(described({ format }, createToolRegistry(tools))).toEqual(tools.map(({ name }) => name));
    expect(described({ format }, createToolRegistry([]))).toEqual([]);
  });

  it.each(["lines", "json", "tools"] as const)(
    "are of many the most used and what earlier results are read with, in %s",
    (format) => {
      const names = described({ format, mostUsed: ["crm_count", "recall", "file_read"] });
      expect(names[0]).toBe("tool_describe");
      for (const name of ["recall", "crm_count", "file_read"]) expect(names).toContain(name);
      expect(names.length).toBeLessThan(40);
      const order = [...manyTools, ...builtInTools()].map(({ name }) => name);
      expect(names.slice(1)).toEqual(order.filter((name) => names.includes(name)));
    },
  );

  it("come with what the run looked up behind them, and what is there already stays where it is", () => {
    const before = described({});
    const after = described({ inRun: ["mail_list", "wiki_comment", "tool_describe", "gone"] });
    expect(after).toEqual([...before, "wiki_comment"]);
  });

  it("do not lose one that is too long for the room: it is named", () => {
    const { text } = toolListFor(many, { format: "lines", mostUsed: [], inRun: [] });
    const told = new Set([...described({}), ...namesIn(text)]);
    expect(many.list().filter(({ name }) => !told.has(name))).toEqual([]);
  });
});

/** Those that are only named: `mail_{list,get}, ping`. */
function namesIn(text: string): readonly string[] {
  const index = /call one: (.*)\.$/s.exec(text)?.[1] ?? "";
  return Array.from(index.matchAll(/([a-z_]+)(?:\{([^}]*)\})?/g), ([, name = "", rests]) => ({ name, rests })).flatMap(
    ({ name, rests }) => (rests === undefined ? [name] : rests.split(",").map((rest) => name + rest)),
  );
}
