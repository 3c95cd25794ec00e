import type { Json } from "@orquestra/protocol";
import { describe, expect, test } from "vitest";
import { excerpt, grouped, textOfResult } from "./result-text.ts";

describe("a result reads as", () => {
  test.each<readonly [string, Json, string]>([
    ["a text, itself", 'a "b"\nc', 'a "b"\nc'],
    ["a number, itself", 3, "3"],
    ["nothing, null", null, "null"],
    ["members, by name", { count: 2, done: true, note: "x" }, 'count: 2\ndone: true\nnote: "x"'],
    ["a list, one element a line", [{ a: 1 }, { a: 2 }], '{"a":1}\n{"a":2}'],
    ["a list in a member, below its name", { matches: [{ a: 1 }], rest: [1, 2] }, 'matches:\n{"a":1}\nrest: [1,2]'],
    [
      "text of several lines, raw below its name",
      { path: "a.ts", text: 'let a = "x";\nlet b;' },
      'path: "a.ts"\ntext:\nlet a = "x";\nlet b;',
    ],
    ["several files, each below its place", [{ text: "a\nb" }, { text: "c" }], '[0]\ntext:\na\nb\n[1]\ntext: "c"'],
    ["an empty list", [], "[]"],
    ["an empty object", {}, "{}"],
    ["an empty list in a member", { matches: [] }, "matches: []"],
  ])("%s", (_, value, text) => {
    expect(textOfResult(value)).toBe(text);
  });
});

function readOn(offset: number, length: number): string {
  return `read(${offset}, ${length})`;
}

describe("an excerpt", () => {
  test("of a short text is the text", () => {
    expect(excerpt("x".repeat(10), 10, readOn)).toBe("x".repeat(10));
  });

  test("of a long text keeps three quarters of the cap at its head and the rest at its tail", () => {
    const text = `${"a".repeat(1000)}${"b".repeat(60_000)}${"c".repeat(1000)}`;
    expect(excerpt(text, 400, readOn)).toBe(
      `${"a".repeat(300)}\n[… 61,600 characters left out; read(300, 4000) reads on …]\n${"c".repeat(100)}`,
    );
  });

  test("says nothing of reading on where that is not possible", () => {
    expect(excerpt("abcdefgh", 4, null)).toBe("abc\n[… 4 characters left out …]\nh");
  });

  test("cuts no character in two", () => {
    const shown = excerpt("🙂".repeat(100), 41, null);
    expect(shown).not.toMatch(/\p{Surrogate}/u);
  });
});

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [48_120, "48,120"],
  [1_234_567, "1,234,567"],
])("%d is written %s", (count, text) => {
  expect(grouped(count)).toBe(text);
});
