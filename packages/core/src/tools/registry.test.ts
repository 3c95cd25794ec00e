import { expect, test } from "vitest";
import { z } from "zod";
import { createToolRegistry } from "./registry.ts";
import { type AnyTool, defineTool } from "./tool.ts";

const tool = (name: string): AnyTool =>
  defineTool({
    name,
    description: "Does nothing.",
    input: z.object({}),
    output: z.object({}),
    effects: [],
    critical: [],
    integrity: "inputs",
    idempotent: true,
    undoable: false,
    timeoutMs: 1000,
    run: async () => ({}),
  });

test("a registry finds its tools by name and lists them in the order they were added", () => {
  const registry = createToolRegistry([tool("b"), tool("a")]);
  registry.add(tool("c_2"));
  expect(registry.list().map(({ name }) => name)).toEqual(["b", "a", "c_2"]);
  expect(registry.get("a")?.name).toBe("a");
  expect(registry.get("toString")).toBeNull();
  expect(registry.remove("a")).toBe(true);
  expect(registry.remove("a")).toBe(false);
  expect(registry.get("a")).toBeNull();
});

test("a name that is taken is refused and the first tool stays", () => {
  const first = tool("same");
  const registry = createToolRegistry([first]);
  expect(() => registry.add(tool("same"))).toThrow("already");
  expect(registry.get("same")).toBe(first);
  expect(() => createToolRegistry([tool("x"), tool("x")])).toThrow("already");
});

test.each(["", "A", "1a", "a-b", "a b", "_a", "é", "a".repeat(65), "mcp:x", "a\n"])("%j cannot be a tool's name", (name) => {
  expect(() => createToolRegistry([tool(name)])).toThrow("cannot be the name of a tool");
});

test("a registry tells of its tools by itself, under a name that no other tool may have", () => {
  const registry = createToolRegistry([tool("one_two")]);
  expect(registry.list().map(({ name }) => name)).toEqual(["one_two"]);
  expect(registry.get("tool_describe")?.effects).toEqual([]);
  expect(registry.remove("tool_describe")).toBe(false);
  expect(() => registry.add(tool("tool_describe"))).toThrow("There already is a tool tool_describe");
});
