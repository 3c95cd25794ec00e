import { describe, expect, it } from "vitest";
import { completeMention, matchRuns, mentionAt } from "./mention.ts";

const at = (marked: string) => {
  const caret = marked.indexOf("|");
  return mentionAt(marked.replace("|", ""), caret);
};

describe("a mention", () => {
  it.each([
    ["@|", { start: 0, query: "" }],
    ["see @pay|", { start: 4, query: "pay" }],
    ["see (@src/a.ts|", { start: 5, query: "src/a.ts" }],
    ["one\n@two|", { start: 4, query: "two" }],
    ["@a b @c|", { start: 5, query: "c" }],
  ])("is typed in %j", (text, mention) => {
    expect(at(text)).toEqual(mention);
  });

  it.each(["|", "see|", "ann@example.org|", "@done |", "@a |@"])("is not typed in %j", (text) => {
    expect(at(text)).toBeNull();
  });

  it("is replaced by the whole path, with one space behind it", () => {
    const text = "see @pay and go";
    expect(completeMention(text, { start: 4, query: "pay" }, "src/pay.ts")).toEqual({
      text: "see @src/pay.ts and go",
      caret: 16,
    });
  });
});

describe("the marked letters of a path", () => {
  const marked = (path: string, query: string): string =>
    matchRuns(path, query)
      .map((run) => (run.matched ? `[${run.text}]` : run.text))
      .join("");

  it.each([
    ["src/pay/pay.ts", "pay", "src/pay/[pay].ts"],
    ["src/Pay.ts", "pay", "src/[Pay].ts"],
    ["src/payments/client.ts", "pcl", "src/[p]ayments/[cl]ient.ts"],
    ["src/a.ts", "zz", "src/a.ts"],
    ["src/a.ts", "", "src/a.ts"],
  ])("of %s for %j", (path, query, expected) => {
    expect(marked(path, query)).toBe(expected);
  });

  it("never lose or change a letter", () => {
    for (const query of ["s", "src", "tst", "ä", "..", "/"]) {
      expect(
        matchRuns("src/tests/ä.test.ts", query)
          .map((run) => run.text)
          .join(""),
      ).toBe("src/tests/ä.test.ts");
    }
  });
});
