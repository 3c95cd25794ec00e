import { describe, expect, it } from "vitest";
import { ago, axisTime, count, duration, money, ordinal, plural, wholeSeconds } from "./format.ts";
import { reveal } from "./invisible.ts";
import {
  argumentText,
  hasReference,
  isPath,
  mainArgument,
  referenceWords,
  referredTodos,
  resultText,
  sameHead,
  withoutScheme,
} from "./value.ts";

describe("figures", () => {
  it.each([
    [0, "0 ms"],
    [949, "949 ms"],
    [950, "0.9 s"],
    [3_140, "3.1 s"],
    [9_960, "10 s"],
    [59_499, "59 s"],
    [59_500, "1 min"],
    [67_000, "1 min 7 s"],
    [7_800_000, "2 h 10 min"],
  ])("say %d ms as %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it("say money so that small sums stay visible", () => {
    expect([0, 0.0004, 0.0112, 1.2].map(money)).toEqual(["free", "under $0.001", "$0.011", "$1.20"]);
    expect([count(3412), plural(1, "todo"), plural(2, "todo")]).toEqual(["3,412", "1 todo", "2 todos"]);
  });

  it("say counted seconds whole, and which try it is", () => {
    expect([2, 20, 60, 80].map(wholeSeconds)).toEqual(["2 s", "20 s", "1 min", "1 min 20 s"]);
    expect([1, 2, 3, 4, 11, 12, 22, 103].map(ordinal)).toEqual(["1st", "2nd", "3rd", "4th", "11th", "12th", "22nd", "103rd"]);
  });

  it("say the ticks of an axis in one unit", () => {
    const ticks = (step: number): readonly string[] => [0, 1, 5].map((tick) => axisTime(tick * step, step));
    expect([100, 15_000, 120_000, 3_600_000].map(ticks)).toEqual([
      ["0 s", "0.1 s", "0.5 s"],
      ["0 s", "15 s", "75 s"],
      ["0 min", "2 min", "10 min"],
      ["0 h", "1 h", "5 h"],
    ]);
  });

  it("say when as a person would", () => {
    const now = Date.parse("2026-03-12T10:30:00");
    const before = (ms: number): string => ago(new Date(now - ms).toISOString(), now);
    const hour = 3_600_000;
    expect([0, 5 * 60_000, 3 * hour, 14 * hour, 3 * 24 * hour, 20 * 24 * hour].map(before)).toEqual([
      "now",
      "5 min ago",
      "3 h ago",
      "yesterday",
      "Monday",
      "20 Feb",
    ]);
  });
});

describe("values", () => {
  it("write references the way the plan does", () => {
    expect(argumentText({ $ref: "t1#/matches/0/path" })).toBe("$1.matches[0].path");
    expect(argumentText({ $concat: ["see ", { $ref: "t2#/text" }] })).toBe("see {{$2.text}}");
    expect(argumentText([1, { a: { $ref: "t3" } }])).toBe("[1, {a: $3}]");
    expect(mainArgument({ content: "x", path: "a.ts" })).toBe("a.ts");
  });

  it("name a result for people who have not read the grammar, and the todos it comes from", () => {
    expect(referenceWords("t2.1#/matches/*/a~1b")).toBe("result of 2.1 › matches › each › a/b");
    expect(referenceWords("t1")).toBe("result of 1");
    expect(
      referredTodos([{ $concat: ["x", { $ref: "t1#/a" }] }, { deep: { $ref: "t2" } }, { $literal: { $ref: "t3" } }]),
    ).toEqual(["t1", "t2"]);
  });

  it("are told apart by what of them is worth the room", () => {
    expect(["src/a b.ts", "src/a.ts", "/etc/hosts", "a.ts", "https://a.example/b", "rm src/a.ts"].map(isPath)).toEqual([
      false,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(withoutScheme("https://a.example/http://b")).toBe("a.example/http://b");
    expect(["$1.matches[*].path", "see {{$2.text}}", "^end$", "costs $5"].map(hasReference)).toEqual([true, true, false, false]);
  });

  it("leave out what a number of them begin with, in whole words", () => {
    expect(sameHead(["grep -c it packages/core/a", "grep -c it packages/client/a"])).toBe("grep -c it packages/".length);
    expect(sameHead(["src/a.ts", "src/b.ts"])).toBe(0);
    expect(sameHead(["packages/core/src/index.ts"])).toBe(0);
    expect(sameHead([])).toBe(0);
  });

  it("set results for reading", () => {
    expect(resultText({ matches: [{ path: "a.ts", line: 3, text: "x" }] })).toBe("a.ts:3  x");
    expect(resultText({ exitCode: 0, stdout: "one\ntwo", stderr: "" })).toBe("exitCode: 0\nstdout:\n  one\n  two");
    expect(resultText("text")).toBe("text");
  });
});

describe("what a person is asked to judge", () => {
  it("hides nothing", () => {
    expect(reveal("rm\u202e -rf\u200b \u0007x\ty\n\u{e0041}")).toBe("rm\\u{202e} -rf\\u{200b} \\u{7}x\ty\n\\u{e0041}");
    expect(reveal("Zeile mit ümläuten, 日本語 und 🎼")).toBe("Zeile mit ümläuten, 日本語 und 🎼");
  });
});
