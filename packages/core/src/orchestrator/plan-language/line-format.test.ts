import type { Json } from "@orquestra/protocol";
import { describe, expect, test } from "vitest";
import { todoLimit } from "./index.ts";
import { fenced, lineParser, outline, parse, textOf, todosOf } from "./plan.fixture.ts";

/** The value that `take(…)` gets for a value as written in the fourth line of a plan. */
function valueOf(written: string): Json | undefined {
  const before = "1. take()\n2. take()\n3. take()\n";
  return todosOf(parse(fenced(`${before}4. take(${written})`)))[3]?.args["value"];
}

function only(lines: string) {
  const [part] = parse(fenced(lines));
  return part;
}

function failure(lines: string): string {
  const part = parse(fenced(lines)).find(({ type }) => type === "invalid");
  return part?.type === "invalid" ? part.error.message : "";
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
    ["take()", "- plan_not_a_todo"],
    ["1 take()", "- plan_not_a_todo"],
    ["1: take()", "- plan_not_a_todo"],
    ["a. take()", "- plan_not_a_todo"],
    ["I will search first.", "- plan_not_a_todo"],
    ["1. First I search", "1 plan_not_a_todo"],
    ["1. `take()`", "1 plan_not_a_todo"],
    ["0. take()", "- plan_number"],
    ["10000. take()", "- plan_number"],
    ["1. take() and so on", "1 plan_syntax"],
    ["1. take();", "1 plan_syntax"],
    ["1. take() after", "1 plan_syntax"],
    ["1. take() take()", "1 plan_syntax"],
    ["1. tak()", "1 unknown_tool"],
    ["1. file_read()", "1 bad_arguments"],
    ["1. file_read(pth: 1)", "1 bad_arguments"],
  ])("%s is invalid, and the lines after it stand", (line, expected) => {
    expect(outline(parse(fenced(`${line}\n7. take()`)))).toEqual([expected, "7 take"]);
  });

  test("comments and blank lines are nothing", () => {
    expect(outline(parse(fenced("\n# first: don't (\n  ## x\n \t \n1. take()\n\n")))).toEqual(["1 take"]);
  });

  test("an unknown tool is told the names that are near", () => {
    expect(failure("1. search_code(1)")).toContain("Did you mean code_search?");
    expect(failure("1. file_raed(1)")).toContain("Did you mean file_read?");
    expect(failure("1. zzzzzz(1)")).not.toContain("Did you mean");
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
    expect(failure(line)).toContain(message);
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
    ["$t1", "write a reference as $1"],
    ["$12345", "write a reference as $1"],
    ["$1.", "a path goes on with"],
    ["$1.2", "a path goes on with"],
    ["$1[-1]", "a path goes on with"],
    ["$1[01]", "a path goes on with"],
    ["$1[a]", "a path goes on with"],
    ["$1 .a", 'expected "," or ")"'],
    ["`a`", "expected a value"],
    ["f(1)", "no quotes"],
    ["[1, 2)", 'expected "," or "]"'],
    ['{"$set": $1}', "taken as it is"],
    ['{"$set": ["{{$1.a}}"]}', "taken as it is"],
    ["<<name", "write a block as <<NAME"],
    [`${"[".repeat(70)}${"]".repeat(70)}`, "more than 64 deep"],
    [`$1${".a".repeat(33)}`, "a path goes on with"],
  ])("%s is invalid", (written, message) => {
    const close = written.startsWith("<<") ? "\n<<name\nname" : "";
    expect(failure(`1. take()\n2. take(${written})${close}`)).toContain(message);
  });
});

describe("strings over several lines", () => {
  test("hold todos, fences and text that are none", () => {
    const parts = parse(`${fenced('1. take("a\n2. take()\n```\nText\n", [\n3,\n])')}after`);
    expect(outline(parts)).toEqual(["1 take", "text"]);
    expect(todosOf(parts)[0]?.args).toEqual({ value: "a\n2. take()\n```\nText\n", other: [3] });
  });

  test("a string that is never closed swallows everything", () => {
    const parts = parse(fenced('1. take()\n2. take("a)\n3. take()\n```\nText'));
    expect(outline(parts)).toEqual(["1 take", "2 plan_unclosed"]);
  });

  test("so does a bracket", () => {
    expect(outline(parse(`${fenced("1. take([1\n2. take()")}Text`))).toEqual(["1 plan_unclosed"]);
  });

  test("a wrong closing bracket closes what is inside its own", () => {
    expect(outline(parse(fenced('1. take({"a": [1, 2})\n2. take()\n3. take(1])\n4. take()')))).toEqual([
      "1 plan_syntax",
      "2 take",
      "3 plan_syntax",
      "4 take",
    ]);
  });

  test("what is open behind a call or in a line without one is followed too", () => {
    expect(outline(parse(fenced('1. take() more("a\n2. take()\n")\n3. take()')))).toEqual(["1 plan_syntax", "3 take"]);
    expect(outline(parse(fenced('1. take "a\n2. take()\n"\n3. take()')))).toEqual(["1 plan_not_a_todo", "3 take"]);
    expect(outline(parse(fenced("Don't wait (it's ok)\n3. take()")))).toEqual(["- plan_not_a_todo", "3 take"]);
  });

  test("over the limit is invalid at once, and skipped to its own end", () => {
    const parser = lineParser();
    const found = [...parser.push('```plan\n1. take("x')];
    for (let size = 0; size <= todoLimit; size += 1000) found.push(...parser.push(`${"x".repeat(999)}\n`));
    expect(outline(found)).toEqual(["1 plan_unclosed"]);
    found.push(...parser.push('\n2. take()\n")\n3. take($1)\n```\nText'), ...parser.end());
    expect(outline(found)).toEqual(["1 plan_unclosed", "3 take", "text"]);
    expect(todosOf(found)[0]?.needs).toEqual(["t1"]);
  });

  test.each([
    ["a line without an end", "1. take(", "x"],
    ["a block", "1. take(<<T)\n<<T\n", "2. take()\n"],
    ["blank lines before a block", "1. take(<<T)\n", "\n"],
    ["prose", "", "prose "],
  ])("%s over the limit is one invalid line", (_, start, more) => {
    const text = `\`\`\`plan\n${start}${more.repeat(Math.ceil(todoLimit / more.length))}`;
    expect(parse(text)).toMatchObject([{ type: "invalid", error: { code: "plan_unclosed" } }]);
  });
});

describe("blocks", () => {
  test("carry text raw, with the end of its last line", () => {
    const [todo] = todosOf(parse(fenced('1. file_write("a", <<TEXT) # write\n<<TEXT\n  "a" \\n $1\n\n```\n2. take()\nTEXT')));
    expect(todo?.args).toEqual({ path: "a", text: '  "a" \\n $1\n\n```\n2. take()\n' });
    expect(todo?.line).toBe('1. file_write("a", <<TEXT) # write');
    expect(todo?.title).toBe("write");
  });

  test("come in the order of their placeholders", () => {
    const lines =
      '1. file_edit("a", <<OLD, <<NEW_1)\n\n<<OLD\nold\nOLD\n<<NEW_1\nOLD\nNEW_1\n2. take(value: {"a": [<<X, <<X]})\n<<X\n1\nX\n<<X\nX';
    expect(todosOf(parse(fenced(lines))).map(({ args }) => args)).toEqual([
      { path: "a", old: "old\n", new: "OLD\n" },
      { value: { a: ["1\n", ""] } },
    ]);
  });

  test("interpolate results and leave all other signs alone", () => {
    const lines = '1. take()\n2. take(<<T)\n<<T\n{{$1.a}}, {{ x }}, \\u00241, {{$1["b c"]}}\nT';
    expect(todosOf(parse(fenced(lines)))[1]?.args).toEqual({
      value: { $concat: [{ $ref: "t1#/a" }, ", {{ x }}, \\u00241, ", { $ref: "t1#/b c" }, "\n"] },
    });
  });

  test("end at a line that is exactly the name", () => {
    const lines = "1. take(<<T)\n<<T\n T\nTT\nT.\nT  \n2. take()";
    expect(todosOf(parse(fenced(lines))).map(({ args }) => args)).toEqual([{ value: " T\nTT\nT.\n" }, {}]);
  });

  test("the todo is complete with its last end mark", () => {
    const parser = lineParser();
    expect(parser.push("```plan\n1. take(<<A, <<B)\n<<A\nA\n<<B\nB")).toEqual([]);
    expect(outline(parser.push("\n"))).toEqual(["1 take"]);
  });

  test("a placeholder in a string is text", () => {
    expect(outline(parse(fenced('1. shell_run("cat <<EOF\n2. take()\nEOF")\n3. take()')))).toEqual(["1 shell_run", "3 take"]);
  });

  test("without its opening line a block begins at once, as in a shell", () => {
    expect(todosOf(parse(fenced('1. file_write("a", <<TEXT)\n\n# Title\nTEXT\n2. take()'))).map(({ args }) => args)).toEqual([
      { path: "a", text: "\n# Title\n" },
      {},
    ]);
  });

  test.each([
    ["that is missing before the next todo", "1. take(<<T)\n2. take()\nT\n3. take()", ["1 plan_syntax", "3 take"]],
    ["that is missing before a later opening line", "1. take(<<T)\ntext\n<<T\nT\n3. take()", ["1 plan_syntax", "3 take"]],
    ["out of order", "1. take(<<A, <<B)\n<<B\n2. take()\nB\n<<A\nA\n3. take()", ["1 plan_syntax", "3 take"]],
    ["of an invalid line", "1. nope(x, <<T)\n<<T\n2. take()\nT\n3. take()", ["1 plan_syntax", "3 take"]],
    ["with a name that is none", "1. take(<<eof)\n<<eof\n2. take()\neof\n3. take()", ["1 plan_syntax", "3 take"]],
    ["in quotes, as in a shell", "1. take(<<'EOF')\n2. x()\n2. take()\nEOF\n3. take()", ["1 plan_syntax", "3 take"]],
    ["announced behind the call", "1. take() <<EOF\n2. take()\nEOF\n3. take()", ["1 plan_syntax", "3 take"]],
    ["announced without a call", "1. take <<EOF\ntext\n2. take()\nEOF\n3. take()", ["1 plan_not_a_todo", "3 take"]],
    ["that nothing announces", "<<T\n2. take()\nT\n3. take()", ["- plan_not_a_todo", "3 take"]],
    ["that never ends", "1. take(<<T)\n<<T\n2. take()", ["1 plan_unclosed"]],
  ])("a block %s runs nothing of what is in it", (_, lines, expected) => {
    expect(outline(parse(fenced(lines)))).toEqual(expected);
  });

  test("a closing fence in place of a block ends the plan", () => {
    const parts = parse(`${fenced("1. take(<<T)")}Text`);
    expect(outline(parts)).toEqual(["1 plan_syntax", "text"]);
    expect(failure("1. take(<<T)")).toContain("The block T is missing");
    expect(textOf(parts)).toBe("Text");
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
    expect(failure(lines)).toContain("env or stdin");
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
    expect(failure("1. take()\n2. file_write($1[*].a, $1[*].b)")).toContain("path and text");
  });
});
