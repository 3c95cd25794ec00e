import { describe, expect, test } from "vitest";
import { todoLimit } from "./index.ts";
import { failureOf, fenced, lineParser, outline, parse, textOf, todosOf } from "./plan.fixture.ts";

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
    expect(failureOf("1. take(<<T)")).toContain("The block T is missing");
    expect(textOf(parts)).toBe("Text");
  });
});
