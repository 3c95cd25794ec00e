import { describe, expect, test } from "vitest";
import type { PlanParser } from "./index.ts";
import { failureOf, fenced, jsonParser, lineParser, outline, parse, todosOf } from "./plan.fixture.ts";

/** The todos t1 to `last` of earlier turns. */
function upTo(last: number): (number: number) => string | null {
  return (number) => (number <= last ? `t${number}` : null);
}

function repair(): PlanParser {
  return lineParser({ repairOf: new Set([2, 4]), resolve: upTo(5) });
}

describe("references point backwards", () => {
  test.each([
    ["forwards", "1. take($2)\n2. take()", ["1 bad_reference", "2 take"], "there is no line 2 before this one"],
    ["at itself", "1. take($1)", ["1 bad_reference"], "its own result"],
    ["at nothing", "1. take($9)", ["1 bad_reference"], "there is no line 9"],
    ["at a higher number, though written before", "2. take()\n1. take($2)", ["2 take", "1 bad_reference"], "backwards"],
    ["at nothing, in a text", '1. take("{{$9}}")', ["1 bad_reference"], "there is no line 9"],
    ["at itself, with after", "1. take() after 1", ["1 bad_reference"], "its own result"],
  ])("not %s", (_, lines, expected, message) => {
    expect(outline(parse(fenced(lines)))).toEqual(expected);
    expect(failureOf(lines)).toContain(message);
  });

  test("numbers need not start at 1 nor rise", () => {
    expect(outline(parse(fenced("4. take()\n9. take($4)\n7. take($4)")))).toEqual(["4 take", "9 take", "7 take"]);
  });

  test("a todo that refers to an invalid line is given all the same, with what it needs", () => {
    const parts = parse(fenced("1. nope()\n2. take($1) after 1\n3. take($2)"));
    expect(outline(parts)).toEqual(["1 unknown_tool", "2 take", "3 take"]);
    expect(parts[0]).toMatchObject({ id: "t1", number: 1 });
    expect(todosOf(parts).map(({ needs }) => needs)).toEqual([["t1"], ["t2"]]);
  });
});

describe("numbers and ids", () => {
  test("a second line with a number is invalid, takes no id and does not replace the first", () => {
    const parts = parse(fenced("1. take(1)\n1. take(2)\n2. take($1)"));
    expect(outline(parts)).toEqual(["1 take", "- plan_number", "2 take"]);
    expect(parts[1]).toMatchObject({ number: null, id: null });
  });

  test("an id is asked for once for each line that takes its number, in order, also for invalid ones", () => {
    const asked: number[] = [];
    const assign = (number: number): string => `t${10 + asked.push(number)}`;
    const parts = parse(fenced("prose\n1. nope()\n1. take()\n3. take($1)"), lineParser({ assign }));
    expect(asked).toEqual([1, 3]);
    expect(todosOf(parts)).toMatchObject([{ id: "t12", number: 3, args: { value: { $ref: "t11#" } }, needs: ["t11"] }]);
  });

  test("tn is todo tn of the run, whatever the lines of this plan are numbered", () => {
    let last = 3;
    const assign = (): string => `t${++last}`;
    const options = { assign, resolve: (number: number) => (number <= last ? `t${number}` : null) };
    const lines = '1. take($t1, $t4)\n2. take($1, $t1) after t4, 1\n3. take($t3.a, "{{$t5}} {{$2}}")\n4. take($t8)';
    const parts = parse(fenced(lines), lineParser(options));
    expect(outline(parts)).toEqual(["1 bad_reference", "2 take", "3 take", "4 bad_reference"]);
    expect(todosOf(parts)).toMatchObject([
      { id: "t5", args: { value: { $ref: "t4#" }, other: { $ref: "t1#" } }, after: ["t4"] },
      { id: "t6", args: { value: { $ref: "t3#/a" }, other: { $concat: [{ $ref: "t5#" }, " ", { $ref: "t5#" }] } } },
    ]);
    last = 3;
    const json =
      '{"id":1,"tool":"take"}\n{"id":2,"tool":"take","args":{"value":{"$ref":"t1#"},"other":{"$ref":"1#"}},"after":["t2"]}';
    expect(todosOf(parse(fenced(json), jsonParser(options)))[1]).toMatchObject({
      args: { value: { $ref: "t1#" }, other: { $ref: "t4#" } },
      after: ["t2"],
    });
  });

  test("$n is line n of this plan if it was written before, else what the run knows by that number", () => {
    let last = 3;
    const assign = (): string => `t${++last}`;
    const parts = parse(fenced("1. take($2)\n2. take($1, $3)\n9. take($2, $4)"), lineParser({ assign, resolve: upTo(3) }));
    expect(todosOf(parts).map(({ args }) => args)).toEqual([
      { value: { $ref: "t2#" } },
      { value: { $ref: "t4#" }, other: { $ref: "t3#" } },
    ]);
    expect(outline(parts)).toEqual(["1 take", "2 take", "9 bad_reference"]);
  });
});

describe("a repair turn", () => {
  test("replaces the lines under repair and only them", () => {
    const parts = parse(fenced("2. take($1)\n3. take()\n4. take($2)\n6. take()"), repair());
    expect(outline(parts)).toEqual(["2 take", "- plan_number", "4 take", "- plan_number"]);
    expect(todosOf(parts).map(({ id, needs }) => [id, needs])).toEqual([
      ["t2", ["t1"]],
      ["t4", ["t2"]],
    ]);
    expect(failureOf("3. take()", repair())).toContain("Only line 2, 4 may be written again");
  });

  test("refers to lower numbers only, so that no circle can come about", () => {
    expect(outline(parse(fenced("2. take($3)\n4. take($3)"), repair()))).toEqual(["2 bad_reference", "4 take"]);
  });

  test("a line is replaced once", () => {
    expect(outline(parse(fenced("2. take()\n2. take()"), repair()))).toEqual(["2 take", "- plan_number"]);
  });
});
