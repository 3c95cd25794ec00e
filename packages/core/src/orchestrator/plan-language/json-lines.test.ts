import type { Json } from "@orquestra/protocol";
import { describe, expect, test } from "vitest";
import { type PlanPart, createCallReader, todoLimit } from "./index.ts";
import { failureOf, fenced, jsonParser, outline, parse, todosOf, tools } from "./plan.fixture.ts";

function read(lines: string) {
  return parse(fenced(lines), jsonParser());
}

/** Reads native calls, numbered as they come. */
function reader(): (tool: string, args: Json | string) => PlanPart {
  const readCall = createCallReader({ tools, assign: (number) => `t${number}`, resolve: () => null });
  let number = 0;
  return (tool, args) =>
    readCall({ number: ++number, tool, argumentsText: typeof args === "string" ? args : JSON.stringify(args) });
}

function valueOf(written: Json): Json | undefined {
  const before = '{"id":1,"tool":"take"}\n{"id":2,"tool":"take"}\n';
  return todosOf(read(`${before}${JSON.stringify({ id: 3, tool: "take", args: { value: written } })}`))[2]?.args["value"];
}

describe("a plan in JSON", () => {
  test("has one todo a line", () => {
    const parts = read(
      '{"id":1,"tool":"code_search","args":{"pattern":"a"},"title":"Look"}\n{"id":2,"tool":"file_read","args":{"path":{"$ref":"1#/0"}},"after":[1]}',
    );
    expect(todosOf(parts)).toEqual([
      {
        id: "t1",
        number: 1,
        tool: "code_search",
        args: { pattern: "a" },
        references: [],
        after: [],
        needs: [],
        fanOut: null,
        title: "Look",
        line: '{"id":1,"tool":"code_search","args":{"pattern":"a"},"title":"Look"}',
      },
      expect.objectContaining({ args: { path: { $ref: "t1#/0" } }, references: ["t1"], after: ["t1"], needs: ["t1"] }),
    ]);
  });

  test.each([
    ["an array", '[{"id":1,"tool":"take"},\n{"id":2,"tool":"take"}]'],
    ["an array on one line", '[{"id":1,"tool":"take"},{"id":2,"tool":"take"}]'],
    ["over several lines", '{\n  "id": 1,\n  "tool": "take"\n}\n\n{"id": 2,\n"tool": "take"}'],
    ["with comments", '# first\n{"id":1,"tool":"take"}\n# second\n{"id":2,"tool":"take"}'],
    ["with trailing commas, single quotes and smart quotes", `{'id':1,"tool":'take',},\n{“id”:2,"tool":“take”}`],
    ["with ids as text", '{"id":"1","tool":"take"}\n{"id":"t2","tool":"take","after":"t1"}'],
  ])("may be %s", (_, lines) => {
    expect(outline(read(lines))).toEqual(["1 take", "2 take"]);
  });

  test("a todo is given with the end of the line on which it closes", () => {
    const parser = jsonParser();
    expect(outline(parser.push('```plan\n{"id":1,"tool":"take"}\n{"id"'))).toEqual(["1 take"]);
  });

  test("strings may have raw line ends, and nothing in them is a todo", () => {
    const parts = read('{"id":1,"tool":"take","args":{"value":"a\n{\\"id\\":2}\n```\n"}}');
    expect(todosOf(parts)[0]?.args).toEqual({ value: 'a\n{"id":2}\n```\n' });
    expect(outline(parts)).toEqual(["1 take"]);
  });

  test.each([
    ["prose", "First I look.", "- plan_syntax"],
    ["a plan line", '1. take("x\n{"id":7,"tool":"take"}\n")', "- plan_syntax"],
    ["a number", "5", "- plan_syntax"],
    ["no id", '{"tool":"take"}', "- plan_number"],
    ["an id that is none", '{"id":"first","tool":"take"}', "- plan_number"],
    ["no tool", '{"id":1}', "1 plan_syntax"],
    ["another name for args", '{"id":1,"tool":"take","arguments":{}}', "1 plan_syntax"],
    ["args that are no object", '{"id":1,"tool":"take","args":[1]}', "1 plan_syntax"],
    ["after that is no number", '{"id":1,"tool":"take","after":["x"]}', "1 plan_syntax"],
    ["a title that is no text", '{"id":1,"tool":"take","title":5}', "1 plan_syntax"],
    ["an unknown tool", '{"id":1,"tool":"tak"}', "1 unknown_tool"],
    ["wrong arguments", '{"id":1,"tool":"file_read"}', "1 bad_arguments"],
    ["a reference as in lines", '{"id":1,"tool":"take","args":{"value":$1}}', "- plan_syntax"],
    ["a block", '{"id":1,"tool":"take","args":{"value":<<T}}', "- plan_syntax"],
    ["something behind it in brackets", '{"id":1,"tool":"take"]}', "- plan_syntax"],
  ])("%s is invalid, and what follows stands", (_, lines, expected) => {
    expect(outline(read(`${lines}\n{"id":8,"tool":"take"}`))).toEqual([expected, "8 take"]);
  });

  test("a todo that is never closed keeps its number", () => {
    expect(outline(read('{"id":1,"tool":"take","args":{"value":"x}}\n{"id":2,"tool":"take"}'))).toEqual(["1 plan_unclosed"]);
    expect(outline(read('{"tool":"take'))).toEqual(["- plan_unclosed"]);
  });

  test("a title is one line", () => {
    expect(todosOf(read('{"id":1,"tool":"take","title":" a \\n b "}'))[0]?.title).toBe("a b");
    expect(todosOf(read('{"id":1,"tool":"take","title":" "}'))[0]?.title).toBeNull();
  });
});

describe("values in JSON", () => {
  test.each<[string, Json, Json]>([
    ["a line's number and a pointer", { $ref: "1#/a/0" }, { $ref: "t1#/a/0" }],
    ["a todo's id and a pointer", { $ref: "t2#/a~1b/*" }, { $ref: "t2#/a~1b/*" }],
    ["a pointer to all", { $ref: "t1#" }, { $ref: "t1#" }],
    ["only a number", { $ref: "1" }, { $ref: "t1#" }],
    ["as in lines", { $ref: '$1.a[*]["b c"]' }, { $ref: "t1#/a/*/b c" }],
    ["in a list", [{ a: { $ref: "$1" } }], [{ a: { $ref: "t1#" } }]],
    ["a text made of parts", { $concat: ["a", "b", { $ref: "$1.c" }, ""] }, { $concat: ["ab", { $ref: "t1#/c" }] }],
    ["a text of strings only", { $concat: ["a", "{{$1}}"] }, "a{{$1}}"],
    ["an interpolation", "a {{$1.b}}", { $concat: ["a ", { $ref: "t1#/b" }] }],
    ["a quoted text", { $literal: "a {{$1.b}}" }, "a {{$1.b}}"],
    ["a quoted object", { $literal: { $ref: "t1#" } }, { $literal: { $ref: "t1#" } }],
    ["a quoted object without a $ key", { $literal: { a: [{ $b: 1 }] } }, { a: [{ $literal: { $b: 1 } }] }],
    ["another object with a $ key", { $set: { a: 1 } }, { $literal: { $set: { a: 1 } } }],
    ["a $ key among others", { $ref: "#/definitions/x", title: "x" }, { $literal: { $ref: "#/definitions/x", title: "x" } }],
    ["a dollar in a text", "$1", "$1"],
  ])("%s", (_, written, stored) => {
    expect(valueOf(written)).toEqual(stored);
  });

  test.each<[string, Json, string]>([
    ["a reference to nothing", { $ref: "$9" }, "there is no line 9"],
    ["a reference that is none", { $ref: "#/definitions/x" }, "is no reference"],
    ["a reference that goes on wrongly", { $ref: "$1.a b" }, "is no reference"],
    ["number 0", { $ref: "0#" }, "is no reference"],
    ["a pointer that is none", { $ref: "1#a" }, "is no reference"],
    ["a pointer that is too long", { $ref: `1#${"/a".repeat(33)}` }, "is no reference"],
    ["a reference that is no text", { $ref: 1 }, "is no reference"],
    ["parts that are no list", { $concat: "a" }, "takes a list"],
    ["a part that is neither", { $concat: [{ a: 1 }] }, "takes strings and"],
    ["a reference inside a literal object", { $set: { a: { $ref: "$1" } } }, "taken as it is"],
  ])("%s is invalid", (_, written, message) => {
    const lines = `{"id":1,"tool":"take"}\n${JSON.stringify({ id: 2, tool: "take", args: { value: written } })}`;
    expect(failureOf(lines, jsonParser())).toContain(message);
  });
});

describe("native tool calls", () => {
  test("follow the same rules", () => {
    const call = reader();
    const first = call("code_search", { pattern: "a" });
    const second = call("file_read", { path: { $ref: "t1#/matches/*/path" } });
    const wrong = call("shell_run", { command: "ls {{$1.path}}" });
    const unknown = call("teleport", {});
    expect(outline([first, second, wrong, unknown])).toEqual([
      "1 code_search",
      "2 file_read",
      "3 reference_in_command",
      "4 unknown_tool",
    ]);
    expect(second).toMatchObject({ todo: { fanOut: "path", needs: ["t1"] } });
  });

  test("cannot use what does not come before them", () => {
    const call = reader();
    const own = call("take", { value: { $ref: "t1#" } });
    const later = call("take", { value: { $ref: "t3#" } });
    expect(outline([own, later])).toEqual(["1 bad_reference", "2 bad_reference"]);
  });

  test("are read where their JSON is sloppy", () => {
    expect(reader()("take", "{value: 'a', }")).toMatchObject({ todo: { args: { value: "a" } } });
  });

  test.each([
    ["deep", `{"value":${"[".repeat(5_000)}1${"]".repeat(5_000)}}`, "plan_syntax"],
    ["cut off", '{"value":"a', "plan_syntax"],
    ["too long", `{"value":"${"a".repeat(todoLimit)}"}`, "plan_unclosed"],
    ["empty", "", "plan_syntax"],
    ["null", "null", "plan_syntax"],
    ["a list", "[1]", "plan_syntax"],
    ["a text", '"x"', "plan_syntax"],
    ["brackets", "}{", "plan_syntax"],
  ])("with arguments that are %s keep their number, and nothing is thrown", (_, argumentsText, code) => {
    expect(outline([reader()("take", argumentsText)])).toEqual([`1 ${code}`]);
  });
});
