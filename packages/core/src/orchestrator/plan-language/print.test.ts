import type { Json } from "@orquestra/protocol";
import { describe, expect, test } from "vitest";
import { type PrintableTodo, printTodo, printTodoAsJson } from "./index.ts";
import { fenced, jsonParser, parse, todosOf, tools, withoutLine } from "./plan.fixture.ts";

function todo(args: PrintableTodo["args"], more: Partial<PrintableTodo> = {}): PrintableTodo {
  return { id: "t4", tool: "take", args, after: [], title: null, ...more };
}

function value(stored: Json): string {
  return printTodo(todo({ value: stored })).slice("4. take(value: ".length);
}

describe("a printed todo", () => {
  test("names its arguments, or gives them by position where the tool is known", () => {
    const write = todo({ path: "a", text: "b" }, { tool: "file_write", after: ["t1", "t3"], title: "write\r\n it" });
    expect(printTodo(write)).toBe('4. file_write(path: "a", text: "b") after 1, 3 # write it');
    expect(printTodo(write, tools.find("file_write") ?? undefined)).toBe('4. file_write("a", "b") after 1, 3 # write it');
  });

  test("spreads the rest only when everything before it is there", () => {
    const ask = tools.find("ask_model") ?? undefined;
    expect(printTodo(todo({ prompt: "q", inputs: [{ $ref: "t1#" }, 2] }, { tool: "ask_model" }), ask)).toBe(
      '4. ask_model("q", $1, 2)',
    );
    expect(printTodo(todo({ inputs: [1] }, { tool: "ask_model" }), ask)).toBe("4. ask_model(inputs: [1])");
    expect(printTodo(todo({ prompt: "q", inputs: [] }, { tool: "ask_model" }), ask)).toBe('4. ask_model("q", inputs: [])');
    expect(printTodo(todo({ to: 1, path: "a" }, { tool: "file_read" }), tools.find("file_read") ?? undefined)).toBe(
      '4. file_read("a", to: 1)',
    );
  });

  test.each<[Json, string]>([
    [{ $ref: "t1#/a/0/*/b c" }, '$1.a[0][*]["b c"])'],
    [{ $concat: ["a\n", { $ref: "t1#/b" }] }, '"a\\n{{$1.b}}")'],
    ["a {{$1}} {{ $2.x }} {{x}} $3", '"a {{\\u00241}} {{ \\u00242.x }} {{x}} $3")'],
    [{ $literal: { $set: "{{$1}}" } }, '{"$set": "{{\\u00241}}"})'],
    [{ a: [1, null, { b: "c" }] }, '{"a": [1, null, {"b": "c"}]})'],
    ["one\ntwo\n", "<<TEXT)\n<<TEXT\none\ntwo\nTEXT"],
    ["TEXT\nTEXT_2 \n", "<<TEXT_3)\n<<TEXT_3\nTEXT\nTEXT_2 \nTEXT_3"],
    ["{{$1}}\ntwo\n", '"{{\\u00241}}\\ntwo\\n")'],
    ["one\ntwo", '"one\\ntwo")'],
  ])("%j", (stored, printed) => {
    expect(value(stored)).toBe(printed);
  });

  test("is shown in JSON with numbers for ids, and with what would interpolate quoted", () => {
    expect(printTodoAsJson(todo({ value: ["{{$1}}", { $ref: "t1#" }] }, { after: ["t1"], title: "x" }))).toBe(
      '{"id":4,"tool":"take","args":{"value":[{"$literal":"{{$1}}"},{"$ref":"t1#"}]},"after":[1],"title":"x"}',
    );
  });

  test("goes from lines to JSON and back", () => {
    const lines =
      '1. code_search("TODO", path: "src")\n2. file_read($1.matches[*].path) after 1 # read\n3. take(<<T, {"$a": 1})\n<<T\n{{$2[0]}}\n1. x()\nT';
    const planned = todosOf(parse(fenced(lines)));
    const json = planned.map(printTodoAsJson).join("\n");
    const again = todosOf(parse(fenced(json), jsonParser()));
    const back = todosOf(parse(fenced(again.map((each) => printTodo(each)).join("\n"))));
    const whatCounts = planned.map(withoutLine);
    expect(again.map(withoutLine)).toEqual(whatCounts);
    expect(back.map(withoutLine)).toEqual(whatCounts);
  });
});
