import { describe, expect, test } from "vitest";
import { callOf, tools } from "./calls.fixture.ts";
import { repeatKey } from "./repeat-key.ts";

const keyOf = (tool: keyof typeof tools, args: Parameters<typeof callOf>[0] & object): string =>
  repeatKey(callOf({ tool: tools[tool], args: args.args ?? {} }));

describe("two calls repeat each other", () => {
  test.each([
    ["written in another order", "edit", { path: "a.ts", text: "x" }, { text: "x", path: "a.ts" }],
    ["on another way to the same file", "edit", { path: "src/a.ts" }, { path: "./lib/../src//a.ts" }],
    ["with other spaces", "shell", { command: "npm  test " }, { command: "npm test" }],
    ["with other quotes", "shell", { command: "cat './a.ts'" }, { command: "cat a.ts" }],
    ["with an empty argument written out", "shell", { command: "ls" }, { command: "ls", cwd: ".", env: {}, stdin: null }],
    ["with a false one written out", "edit", { path: "a.ts" }, { path: "a.ts", all: false }],
    ["deeper inside", "note", { items: [{ at: "./a" }] }, { items: [{ at: "a", done: false }] }],
  ] as const)("%s", (_, tool, one, other) => {
    expect(keyOf(tool, { args: one })).toBe(keyOf(tool, { args: other }));
  });

  test.each([
    ["of another file", "edit", { path: "a.ts" }, { path: "b.ts" }],
    ["with another text", "edit", { path: "a.ts", text: "one" }, { path: "a.ts", text: "two" }],
    ["with an argument that says something", "edit", { path: "a.ts" }, { path: "a.ts", all: true }],
    ["to another address", "send", { to: "https://a.example/x" }, { to: "https://a.example//x" }],
  ] as const)("but not one %s", (_, tool, one, other) => {
    expect(keyOf(tool, { args: one })).not.toBe(keyOf(tool, { args: other }));
  });

  test("reads only where they are the same to the letter: to read again does no harm", () => {
    expect(keyOf("read", { args: { path: "a.ts" } })).not.toBe(keyOf("read", { args: { path: "./a.ts" } }));
  });
});
