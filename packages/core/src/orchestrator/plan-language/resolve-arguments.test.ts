import type { Json, Label } from "@orquestra/protocol";
import { describe, expect, test } from "vitest";
import { type ResultLookup, expandFanOut, fanOutLimit, fanOutOf, referencesOf, resolveArguments } from "./index.ts";
import { tools } from "./plan.fixture.ts";

const outside: Label = { integrity: "outside", confidentiality: "public" };
const workspace: Label = { integrity: "workspace", confidentiality: ["user:u1"] };
const user: Label = { integrity: "user", confidentiality: "public" };

const results: Readonly<Record<string, { readonly value: Json; readonly label: Label }>> = {
  t1: {
    value: {
      matches: [
        { path: "a.ts", line: 1 },
        { path: "b.ts", line: 2 },
      ],
      "a/b~c": 3,
      "*": "star",
      nothing: null,
      nested: [{ inner: [1, 2] }, { inner: [] }, { inner: [3] }],
    },
    label: workspace,
  },
  t2: { value: "text", label: outside },
  t3: { value: [], label: user },
  t4: { value: Object.fromEntries([["__proto__", { own: 1 }]]), label: user },
};
const lookup: ResultLookup = (id) => results[id] ?? null;

const many: ResultLookup = () => ({ value: Array.from({ length: fanOutLimit + 7 }, (_, index) => index), label: user });

function resolved(value: Json): Json | undefined {
  const result = resolveArguments({ value }, lookup);
  return result.status === "resolved" ? result.args["value"] : result.message;
}

describe("resolving", () => {
  test.each<[string, Json, Json]>([
    ["a whole result", { $ref: "t2#" }, "text"],
    ["a path", { $ref: "t1#/matches/1/path" }, "b.ts"],
    ["an escaped key", { $ref: "t1#/a~1b~0c" }, 3],
    ["null", { $ref: "t1#/nothing" }, null],
    ["every element", { $ref: "t1#/matches/*/path" }, ["a.ts", "b.ts"]],
    ["every element of every list, in one list", { $ref: "t1#/nested/*/inner/*" }, [1, 2, 3]],
    ["no elements", { $ref: "t3#/*/path" }, []],
    ["* as a key of an object", { $ref: "t1#/*" }, "star"],
    ["a key named like the prototype", { $ref: "t4#/__proto__/own" }, 1],
    ["references in lists and objects", [{ a: { $ref: "t2#" } }], [{ a: "text" }]],
    [
      "a text of parts: strings as they are, others as JSON",
      { $concat: ["<", { $ref: "t2#" }, "> ", { $ref: "t1#/matches/0" }, { $ref: "t1#/nothing" }] },
      '<text> {"path":"a.ts","line":1}null',
    ],
    ["a text with a list", { $concat: [{ $ref: "t1#/matches/*/line" }] }, "[1,2]"],
    ["a literal, untouched", { $literal: { $ref: "t9#", a: { $concat: [] } } }, { $ref: "t9#", a: { $concat: [] } }],
    ["plain values", { a: [1, null, "{{$1}} $2"] }, { a: [1, null, "{{$1}} $2"] }],
  ])("%s", (_, stored, value) => {
    expect(resolved(stored)).toEqual(value);
  });

  test.each<[string, string, string]>([
    ["a key that is not there", "t1#/matches/0/pth", "$1.matches[0].pth is not there: .matches[0] has the keys path, line."],
    [
      "a key of the whole result",
      "t1#/mtches",
      "$1.mtches is not there: the result has the keys matches, a/b~c, *, nothing, nested.",
    ],
    [
      "an index beyond the list",
      "t1#/matches/2",
      "$1.matches[2] is not there: .matches is a list of 2; its elements are [0] to [1], or [*] for all.",
    ],
    ["a key of a list", "t1#/matches/path", "$1.matches.path is not there: .matches is a list of 2"],
    ["a path into a text", "t2#/length", "$2.length is not there: the result is a string, not a list or an object."],
    ["a path into null", "t1#/nothing/x", "$1.nothing.x is not there: .nothing is null"],
    [
      "every element of what is no list",
      "t1#/matches/*/path/*",
      "$1.matches[*].path[*] is not there: .matches[0].path is a string",
    ],
    ["what every object inherits", "t1#/constructor", "the result has the keys"],
    ["a todo without a result", "t9#/a", "$9.a is not there: t9 has no result."],
    ["a fan-out child without a result", "t2.1#", "$2.1 is not there: t2.1 has no result."],
  ])("says that %s is missing, and what is there", (_, $ref, message) => {
    expect(resolved({ $ref })).toContain(message);
    const result = resolveArguments({ a: 1, b: [{ c: { $concat: ["x", { $ref }] } }] }, lookup);
    expect(result).toMatchObject({
      status: "missing",
      reference: message.startsWith("$") ? message.split(" ")[0] : "$1.constructor",
    });
  });

  test("names at most twenty keys", () => {
    const value = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`k${index}`, 1]));
    const result = resolveArguments({ a: { $ref: "t1#/x" } }, () => ({ value, label: user }));
    expect(result.status === "missing" ? result.message : "").toContain("k19 and 5 more.");
  });

  test("says where each value came from and how far it can be trusted", () => {
    const result = resolveArguments(
      {
        "a/b": [1, { $ref: "t1#/matches/0/path" }],
        text: { $concat: ["x", { $ref: "t1#/a~1b~0c" }, { $ref: "t2#" }] },
        plain: 1,
      },
      lookup,
    );
    const both: Label = { integrity: "outside", confidentiality: ["user:u1"] };
    expect(result).toEqual({
      status: "resolved",
      args: { "a/b": [1, "a.ts"], text: "x3text", plain: 1 },
      origins: [
        { pointer: "/a~1b/1", todoId: "t1", path: "/matches/0/path", label: workspace, whole: true },
        { pointer: "/text", todoId: "t1", path: "/a~1b~0c", label: both, whole: false },
        { pointer: "/text", todoId: "t2", path: "", label: both, whole: false },
      ],
      labels: { "a/b": workspace, text: both },
      joined: both,
    });
  });

  test("without references gives the label of nothing", () => {
    expect(resolveArguments({}, lookup)).toEqual({ status: "resolved", args: {}, origins: [], labels: {}, joined: user });
  });
});

describe("references of arguments", () => {
  test("are found wherever they count, each id once", () => {
    const args = {
      a: { $ref: "t2#/x" },
      b: [{ c: { $concat: ["$3", { $ref: "t1#" }, { $ref: "t2#" }] } }],
      d: { $literal: { $ref: "t9#" } },
      e: "$8",
    };
    expect(referencesOf(args)).toEqual(["t2", "t1"]);
  });

  test("a fan-out is found again from stored arguments", () => {
    const read = tools.find("file_read");
    const ask = tools.find("ask_model");
    if (read === null || ask === null) throw new Error("the fixture has both");
    expect(fanOutOf({ from: 1, path: { $ref: "t1#/matches/*/path" } }, read)).toBe("path");
    expect(fanOutOf({ path: { $ref: "t1#/matches/0/path" } }, read)).toBeNull();
    expect(fanOutOf({ inputs: { $ref: "t1#/*" } }, ask)).toBeNull();
  });
});

describe("a fan-out", () => {
  test("makes one call per element, each with the reference to its own", () => {
    expect(expandFanOut({ path: { $ref: "t1#/matches/*/path" }, from: { $ref: "t2#" } }, "path", lookup)).toEqual({
      status: "expanded",
      elements: [
        { path: { $ref: "t1#/matches/0/path" }, from: { $ref: "t2#" } },
        { path: { $ref: "t1#/matches/1/path" }, from: { $ref: "t2#" } },
      ],
      rest: 0,
    });
  });

  test("goes through lists in lists", () => {
    const expanded = expandFanOut({ a: { $ref: "t1#/nested/*/inner/*" } }, "a", lookup);
    expect(expanded.status === "expanded" ? expanded.elements.map((args) => resolveArguments(args, lookup)) : []).toMatchObject([
      { args: { a: 1 } },
      { args: { a: 2 } },
      { args: { a: 3 } },
    ]);
  });

  test("makes one call of equal elements, and counts only different ones", () => {
    const equal: ResultLookup = () => ({ value: ["a", "b", "a", { c: 1 }, "b", { c: 1 }, "1", 1], label: user });
    expect(expandFanOut({ a: { $ref: "t1#/*" } }, "a", equal)).toEqual({
      status: "expanded",
      elements: [0, 1, 3, 6, 7].map((index) => ({ a: { $ref: `t1#/${index}` } })),
      rest: 0,
    });
    const same: ResultLookup = () => ({ value: Array.from({ length: fanOutLimit + 1 }, () => "a"), label: user });
    expect(expandFanOut({ a: { $ref: "t1#/*" } }, "a", same)).toMatchObject({ elements: [{ a: { $ref: "t1#/0" } }], rest: 0 });
  });

  test("of no elements is empty", () => {
    expect(expandFanOut({ a: { $ref: "t3#/*" } }, "a", lookup)).toEqual({ status: "expanded", elements: [], rest: 0 });
  });

  test("stops at its limit and counts the rest", () => {
    const expanded = expandFanOut({ a: { $ref: "t1#/*" } }, "a", many);
    expect(expanded).toMatchObject({ rest: 7 });
    expect(expanded.status === "expanded" ? expanded.elements.at(-1) : null).toEqual({ a: { $ref: "t1#/49" } });
  });

  test("of what is no list says what is there", () => {
    expect(expandFanOut({ a: { $ref: "t2#/*" } }, "a", lookup)).toMatchObject({ status: "missing", reference: "$2[*]" });
    expect(expandFanOut({ a: { $ref: "t9#/*" } }, "a", lookup)).toMatchObject({ status: "missing" });
  });
});
