import { describe, expect, test } from "vitest";
import { findText, placeIn } from "./provenance.ts";

const file = { path: "bill.txt", text: "Dear you,\npay this:\nIBAN: UK12345678901234567890\n", offset: 4, lines: 3 };
const search = { matches: [{ path: "src/a.ts", line: 6, text: "const key = 1;" }], truncated: false };

describe("where a referenced value stands", () => {
  test.each([
    [search, ["matches", "0", "text"], "src/a.ts, line 6"],
    [search, ["matches", "0"], "src/a.ts, line 6"],
    [search, ["truncated"], null],
    [file, ["text"], "bill.txt"],
    [{ url: "https://example.org/", title: "Hello" }, ["title"], "https://example.org/"],
    [search, ["matches", "9", "text"], null],
    [["a"], ["0"], null],
    ["a", [], null],
    [{ path: 7 }, ["path"], null],
  ])("%j at %j: %j", (result, path, place) => {
    expect(placeIn(result, path)).toBe(place);
  });
});

describe("a text that the model may have copied", () => {
  const results = [
    { todoId: "t1", value: search },
    { todoId: "t2", value: file },
  ];

  test("is found with file and line", () => {
    expect(findText("UK12345678901234567890", results)).toEqual({ todoId: "t2", place: "bill.txt, line 6" });
    expect(findText("const key", results)).toEqual({ todoId: "t1", place: "src/a.ts, line 6" });
  });

  test("is found without a place where the result names none", () => {
    expect(findText("hello", [{ todoId: "t9", value: ["well, hello"] }])).toEqual({ todoId: "t9", place: null });
  });

  test("is not looked for when it is so short that it stands anywhere", () => {
    expect(findText("key", results)).toBeNull();
  });

  test("is not looked for without end", () => {
    const large = { todoId: "t1", value: "x".repeat(1000) };
    expect(findText("needle", [large, { todoId: "t2", value: "needle" }], 500)).toBeNull();
  });
});
