import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ToolError } from "../tool-error.ts";
import { type TextEdit, applyEdits } from "./edit-text.ts";

const one = (text: string, edit: TextEdit) => applyEdits("a.ts", text, [edit]);

describe("an edit", () => {
  test("replaces the one place it names, literally", () => {
    expect(one("a\nb\nc\n", { find: "b", replace: "x\ny" })).toBe("a\nx\ny\nc\n");
    expect(one("price: $1", { find: "$1", replace: "$& $$ $1 \\n" })).toBe("price: $& $$ $1 \\n");
    expect(one("(.*)", { find: ".*", replace: "" })).toBe("()");
  });

  test("replaces every place when told to", () => {
    expect(one("a b a b a", { find: "a", replace: "aa", all: true })).toBe("aa b aa b aa");
    expect(one("aaaa", { find: "aa", replace: "a", all: true })).toBe("aa");
  });

  test("keeps CRLF line ends, whichever the edit is written with", () => {
    const text = "one\r\ntwo\r\nthree\r\n";
    for (const find of ["one\ntwo", "one\r\ntwo"]) {
      expect(one(text, { find, replace: "1\n2\r\n2b" })).toBe("1\r\n2\r\n2b\r\nthree\r\n");
    }
    expect(one(text, { find: "two", replace: "2\n2b" })).toBe("one\r\n2\r\n2b\r\nthree\r\n");
  });

  test("keeps LF line ends when it is written with CRLF", () => {
    expect(one("one\ntwo\n", { find: "one\r\ntwo", replace: "1\r\n2" })).toBe("1\n2\n");
  });

  test("finds its line ends in a file that has both", () => {
    expect(one("a\nb\r\nc\r\nd\n", { find: "b\nc", replace: "x\ny" })).toBe("a\nx\r\ny\r\nd\n");
    expect(one("a\nb\r\nc\r\nd\n", { find: "a\nb", replace: "x\ny" })).toBe("x\ny\r\nc\r\nd\n");
  });

  test("does not touch what it does not name", () => {
    const line = fc.string({ unit: fc.constantFrom("a", "b", "$", "é", " ", "\r"), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(line), fc.array(line), line, (before, after, replace) => {
        const [start, end] = [`${before.join("\n")}\n`, `\n${after.join("\n")}`];
        expect(one(`${start}MARK${end}`, { find: "MARK", replace })).toBe(`${start}${replace}${end}`);
      }),
    );
  });
});

describe("several edits", () => {
  test("see what the ones before them did", () => {
    const edits = [
      { find: "a", replace: "b c" },
      { find: "c", replace: "d" },
    ];
    expect(applyEdits("a.ts", "a", edits)).toBe("b d");
  });

  test("fail as one, naming the edit that does not fit", () => {
    const edits = [
      { find: "a", replace: "b" },
      { find: "a", replace: "c" },
    ];
    expect(failure("a", ...edits)).toMatchObject({
      code: "edit_not_found",
      message: expect.stringContaining("edit 2 of 2") as unknown,
    });
  });
});

describe("an edit that does not fit", () => {
  const text = [
    "function retry(count: number) {",
    "  return call();",
    "}",
    "",
    "function other() {",
    "  return call();",
    "}",
  ].join("\n");

  test("names the lines of all places when there are several", () => {
    expect(failure(text, { find: "return call();", replace: "x" })).toMatchObject({
      code: "edit_ambiguous",
      message:
        "The text to find is in a.ts 2 times (lines 2, 6). Add lines around it until it is unique, or set all: true to replace every one.",
    });
    expect(failure("x\n".repeat(50), { find: "x", replace: "y" }).message).toContain(
      "50 times (lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …)",
    );
  });

  test("shows the lines that differ in white space only", () => {
    const { message } = failure(text, { find: "function other() {\n    return call();\n}", replace: "x" });
    expect(message).toContain("5: function other() {\n6:   return call();\n7: }\nOnly the white space differs");
  });

  test("shows the most similar lines", () => {
    const { message } = failure(text, { find: "function retry(times: number) {\n  return call();", replace: "x" });
    expect(message).toContain("1: function retry(count: number) {\n2:   return call();\nCopy the text exactly");
    expect(failure(text, { find: "funktion retri(count)", replace: "x" }).message).toContain(
      "1: function retry(count: number) {",
    );
  });

  test("says so when nothing resembles it", () => {
    for (const find of ["###### ??? ######", " \n \n "]) {
      expect(failure(text, { find, replace: "x" }).message).toContain("Nothing in the file resembles it");
    }
    expect(failure("", { find: "x", replace: "y" }).message).toContain("Nothing in the file resembles it");
  });

  test("stays short for endless lines and files", () => {
    const huge = `${"needle ".repeat(5000)}\n`.repeat(50);
    expect(failure(huge, { find: `${"needle ".repeat(4999)}haystack`, replace: "x" }).message.length).toBeLessThan(6000);
  });
});

function failure(text: string, ...edits: TextEdit[]): ToolError {
  try {
    applyEdits("a.ts", text, edits);
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
  throw new Error("the edit went through");
}
