import type { Json } from "@orquestra/protocol";
import { describe, expect, test } from "vitest";
import { failureOf, fenced, outline, parse, todosOf } from "./plan.fixture.ts";

/** The value that `take(…)` gets for a value as written in the fourth line of a plan. */
function valueOf(written: string): Json | undefined {
  const before = "1. take()\n2. take()\n3. take()\n";
  return todosOf(parse(fenced(`${before}4. take(${written})`)))[3]?.args["value"];
}

function only(lines: string) {
  const [part] = parse(fenced(lines));
  return part;
}

describe("a line", () => {
  test.each([
    ["1. take()"],
    ["1) take()"],
    ["**1.** take()"],
    ["**1**. take()"],
    ["**1)** take()"],
    ["__1.__ take()"],
    ["- 1. take()"],
    ["* 1) take()"],
    ["- **1.** take()"],
    ["  1.take()"],
    ["\t1.  take ( ) "],
    ["001. take()"],
  ])("%s is todo 1", (line) => {
    expect(only(line)).toMatchObject({
      type: "todo",
      todo: { number: 1, id: "t1", tool: "take", args: {}, line: line.trim() },
    });
  });

  test.each([
    ["take()", "- plan_number"],
    ["teleport()", "- plan_not_a_todo"],
    ["1 take()", "- plan_not_a_todo"],
    ["1: take()", "- plan_not_a_todo"],
    ["a. take()", "- plan_not_a_todo"],
    ["I will search first.", "- plan_not_a_todo"],
    ["1. First I search", "1 plan_not_a_todo"],
    ["1. `take()`", "1 plan_not_a_todo"],
    ["0. take()", "- plan_number"],
    ["10000. take()", "- plan_number"],
    ["1. take() and so on", "1 plan_syntax"],
    ["1. take() and more", "1 plan_syntax"],
    ["1. take() after", "1 plan_syntax"],
    ["1. take() take()", "1 plan_syntax"],
    ["1. tak()", "1 unknown_tool"],
    ["1. file_read()", "1 bad_arguments"],
    ["1. file_read(pth: 1)", "1 bad_arguments"],
  ])("%s is invalid, and the lines after it stand", (line, expected) => {
    expect(outline(parse(fenced(`${line}\n7. take()`)))).toEqual([expected, "7 take"]);
  });

  test("comments and blank lines are nothing", () => {
    expect(outline(parse(fenced("\n# first: don't (\n// \"then\n  ## x\n \t \n1. take()\n\n")))).toEqual(["1 take"]);
  });

  test.each([
    ["1. take();", null],
    ["1. take(),", null],
    ["1. take() // it's \"one", "it's \"one"],
    ["1. take(); # one", "one"],
    ["1. take() → {text, lines}", null],
    ['1. take() -> {"text": "\n7. shell_run(1)\n"}', null],
    ["1、take（）", null],
    ["1．take()", null],
  ])("%s is a todo, whatever stands behind it", (line, title) => {
    expect(parse(fenced(`${line}\n2. take()`))).toMatchObject([
      { type: "todo", todo: { tool: "take", args: {}, title } },
      { type: "todo", todo: { number: 2 } },
    ]);
  });

  test("an unknown tool is told the names that are near", () => {
    expect(failureOf("1. search_code(1)")).toContain("Did you mean code_search?");
    expect(failureOf("1. file_raed(1)")).toContain("Did you mean file_read?");
    expect(failureOf("1. zzzzzz(1)")).not.toContain("Did you mean");
  });

  test("an invalid line is kept as written, cut off when it is very long", () => {
    const part = only(`1. nope("${"x".repeat(9_000)}")`);
    expect(part?.type === "invalid" ? part.line : "").toMatch(/^1\. nope\("x{3991}…$/);
  });
});

describe("arguments", () => {
  test("go by position in the tool's order, then by name", () => {
    expect(todosOf(parse(fenced('1. code_search("a", "src", limit: 5)')))[0]?.args).toEqual({
      pattern: "a",
      path: "src",
      limit: 5,
    });
  });

  test("may have = for :, quotes around their name and a comma behind the last", () => {
    expect(todosOf(parse(fenced('1. take(value = 1, "odd name": 2, other=[3,],)')))[0]?.args).toEqual({
      value: 1,
      "odd name": 2,
      other: [3],
    });
  });

  test("beyond the positional ones go into the tool's rest", () => {
    expect(todosOf(parse(fenced('1. ask_model("q", 1, [2], "3")')))[0]?.args).toEqual({ prompt: "q", inputs: [1, [2], "3"] });
    expect(todosOf(parse(fenced('1. ask_model("q", inputs: [1])')))[0]?.args).toEqual({ prompt: "q", inputs: [1] });
  });

  test.each([
    ["twice by name", "1. take(value: 1, value: 2)", "twice"],
    ["by position and by name", "1. take(1, value: 2)", "twice"],
    ["in the rest and by name", '1. ask_model("q", 1, inputs: [2])', "twice"],
    ["by position behind a name", "1. take(value: 1, 2)", "come before"],
    ["too many", '1. file_write("a", "b", "c")', "Too many arguments: the call is file_write(path, text)"],
    ["without a comma", "1. take(1 2)", 'expected "," or ")"'],
    ["with nothing between commas", "1. take(1,,2)", "expected a value"],
    ["with ==", "1. take(value == 1)", "no quotes"],
  ])("are invalid %s", (_, line, message) => {
    expect(failureOf(line)).toContain(message);
  });

  test("named like parts of every object are plain data", () => {
    const [todo] = todosOf(parse(fenced('1. take(__proto__: {"__proto__": {"polluted": 1}}, constructor: 2)')));
    expect(JSON.stringify(todo?.args)).toBe('{"__proto__":{"__proto__":{"polluted":1}},"constructor":2}');
    expect(Object.getPrototypeOf(todo?.args)).toBe(Object.prototype);
    expect("polluted" in {}).toBe(false);
  });
});

describe("values", () => {
  test.each<[string, Json]>([
    ["0", 0],
    ["-0", 0],
    ["-0.5", -0.5],
    ["1e5", 100_000],
    ["1.5E-3", 0.0015],
    ["true", true],
    ["false", false],
    ["null", null],
    ['""', ""],
    ['"a\\"b\\\\c\\/d\\n\\t\\u00e9"', 'a"b\\c/d\n\té'],
    ["'it is \"so\"'", 'it is "so"'],
    ["'it\\'s'", "it's"],
    ['“he said "no", it\'s”', 'he said "no", it\'s'],
    ["‘single’", "single"],
    ["”wrong way round”", "wrong way round"],
    ["`back ticks`", "back ticks"],
    ["«à la page»", "à la page"],
    ["„so“", "so"],
    ["「漢字」", "漢字"],
    ['"""she said "no\n)" and ""\n1. take()"""', 'she said "no\n)" and ""\n1. take()'],
    ["'''it's'''", "it's"],
    ["［1，｛“a”：2｝］", [1, { a: 2 }]],
    ['"two\nlines\r\nraw"', "two\nlines\r\nraw"],
    ['"1. take()\n```\n"', "1. take()\n```\n"],
    ['"$1 ${x} $HOME ^a$"', "$1 ${x} $HOME ^a$"],
    ['"{{name}} {{ $x }} {{$1+2}} {{$a.b}}"', "{{name}} {{ $x }} {{$1+2}} {{$a.b}}"],
    ['"{{\\u00241.a}}"', "{{$1.a}}"],
    ["[]", []],
    ["[1, [2], {}]", [1, [2], {}]],
    ["[\n  1,\n  2,\n]", [1, 2]],
    ['{"a": 1, b: "c", \'d\': [2,],}', { a: 1, b: "c", d: [2] }],
    ['{"a" = 1}', { a: 1 }],
    ['{"$set": {"a": [1, {"$inc": 2}]}}', { $literal: { $set: { a: [1, { $inc: 2 }] } } }],
    ['[{"a": {"$b": 1}}]', [{ a: { $literal: { $b: 1 } } }]],
    ["$1", { $ref: "t1#" }],
    ["$t1.a", { $ref: "t1#/a" }],
    ['"a {{$t1.b}}"', { $concat: ["a ", { $ref: "t1#/b" }] }],
    ["$3.a-b.c_d", { $ref: "t3#/a-b/c_d" }],
    ['$1[0]["a/b~c"][\'d "e"\']', { $ref: 't1#/0/a~1b~0c/d "e"' }],
    ['$1["\\u0061\\n"]', { $ref: "t1#/a\n" }],
    ["[$1[*].a, $2]", [{ $ref: "t1#/*/a" }, { $ref: "t2#" }]],
    ['{"a": $1.b}', { a: { $ref: "t1#/b" } }],
    ['"a {{$1.b}} c"', { $concat: ["a ", { $ref: "t1#/b" }, " c"] }],
    ["'{{ $1 }}{{$2[0]}}'", { $concat: [{ $ref: "t1#" }, { $ref: "t2#/0" }] }],
    ['"{{{$1}}}"', { $concat: ["{", { $ref: "t1#" }, "}"] }],
    ['"{{$1[\\"a b\\"]}}"', { $concat: [{ $ref: "t1#/a b" }] }],
  ])("%s", (written, value) => {
    expect(valueOf(written)).toEqual(value);
  });

  test.each([
    ["src", "src has no quotes"],
    ["True", "True has no quotes"],
    ["undefined", "no quotes"],
    ["+1", "expected a value"],
    [".5", "expected a value"],
    ["01", "expected a value"],
    ["0x10", "expected a value"],
    ["1_000", "expected a value"],
    ["1e999", "too large a number"],
    ["NaN", "no quotes"],
    ['"\\d"', "\\d is no escape"],
    ['"\\u12"', "\\u is no escape"],
    ["[1 2]", 'expected "," or "]"'],
    ['{"a"}', 'expected a key and ":"'],
    ["{1: 2}", 'expected a key and ":"'],
    ['{"a": 1, "a": 2}', '"a" stands here twice'],
    ["$", "write a reference as $1"],
    ["$0", "write a reference as $1"],
    ["$x", "write a reference as $1"],
    ["$t0", "write a reference as $1"],
    ["$t9", "t9 cannot be used here: references point backwards"],
    ["$12345", "write a reference as $1"],
    ["$1.", "a path goes on with"],
    ["$1.2", "a path goes on with"],
    ["$1[-1]", "a path goes on with"],
    ["$1[01]", "a path goes on with"],
    ["$1[a]", "a path goes on with"],
    ["$1 .a", 'expected "," or ")"'],
    ["`a ${b}`", "in a text a result is written {{$1.path}}"],
    ["f(1)", "no quotes"],
    ["[1, 2)", 'expected "," or "]"'],
    ['{"$set": $1}', "taken as it is"],
    ['{"$set": ["{{$1.a}}"]}', "taken as it is"],
    ["<<name", "write a block as <<NAME"],
    [`${"[".repeat(70)}${"]".repeat(70)}`, "more than 64 deep"],
    [`$1${".a".repeat(33)}`, "a path goes on with"],
  ])("%s is invalid", (written, message) => {
    const close = written.startsWith("<<") ? "\n<<name\nname" : "";
    expect(failureOf(`1. take()\n2. take(${written})${close}`)).toContain(message);
  });
});

describe("after and title", () => {
  test.each([
    ["after 1", ["t1"], null],
    ["after 1, 2", ["t1", "t2"], null],
    ["after $1,2,1 # a # b ", ["t1", "t2"], "a # b"],
    ["after: 2", ["t2"], null],
    ["#don't (do", [], "don't (do"],
    ["#  ", [], null],
  ])("%s", (tail, after, title) => {
    const [, , todo] = todosOf(parse(fenced(`1. take()\n2. take()\n3. take()${tail.startsWith("a") ? " " : ""}${tail}`)));
    expect(todo).toMatchObject({ after, title, needs: after, references: [] });
  });

  test("needs are the references and what it comes after, each once", () => {
    const [, , todo] = todosOf(parse(fenced('1. take()\n2. take()\n3. take("{{$2}}", [$1.a, $1.b]) after 1')));
    expect(todo).toMatchObject({ references: ["t2", "t1"], after: ["t1"], needs: ["t2", "t1"] });
  });
});

describe("commands", () => {
  test.each([
    ["an interpolation", '"ls {{$1.a}}"'],
    ["a whole reference", "$1.a"],
    ["a reference in a list", '["ls", $1]'],
    ["an interpolation in a block", "<<T"],
  ])("refuse %s", (_, command) => {
    const block = command === "<<T" ? "\n<<T\nls {{$1}}\nT" : "";
    const lines = `1. take()\n2. shell_run(${command})${block}`;
    expect(outline(parse(fenced(lines)))).toEqual(["1 take", "2 reference_in_command"]);
    expect(failureOf(lines)).toContain("env or stdin");
  });

  test("take results in their other arguments", () => {
    expect(outline(parse(fenced('1. take()\n2. shell_run("wc $A", env: {"A": $1.a}, stdin: "{{$1.b}}")')))).toEqual([
      "1 take",
      "2 shell_run",
    ]);
  });
});

describe("fan-out", () => {
  test.each([
    ["a whole argument", "2. file_read($1.a[*].b)", "path"],
    ["by name", '2. file_write("a", text: $1[*])', "text"],
    ["not in a list", "2. take([$1[*].a])", null],
    ["not in a text", '2. take("{{$1[*].a}}")', null],
    ["not in the rest", '2. ask_model("q", $1[*])', null],
    ["not where the argument is a list itself", '2. ask_model("q", inputs: $1[*])', null],
    ["not without [*]", "2. file_read($1[0])", null],
  ])("%s", (_, line, fanOut) => {
    expect(todosOf(parse(fenced(`1. take()\n${line}`)))[1]?.fanOut).toBe(fanOut);
  });

  test("over two arguments is ambiguous, so it is invalid", () => {
    expect(failureOf("1. take()\n2. file_write($1[*].a, $1[*].b)")).toContain("path and text");
  });
});
