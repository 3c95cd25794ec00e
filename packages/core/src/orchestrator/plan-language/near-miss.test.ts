import { describe, expect, test } from "vitest";
import { fenced, jsonParser, lineParser, outline, parse, textOf } from "./plan.fixture.ts";

const four = "1. take()\n2. take()\n3. take()\n4. take()";
const call = '1. file_read("a.ts")';

function missOf(text: string, parser = lineParser()) {
  const parts = parse(text, parser);
  expect(textOf(parts)).toBe(text);
  return parts.find((part) => part.type === "near-miss");
}

describe("a near miss is", () => {
  test.each([
    ["a numbered call on a line of its own", `I will look.\n${call}\nand then tell.\n`, call],
    ["the last line", `Let me see.\n\n${call}`, call],
    ["with a bold number", 'Now:\n**2.** take("x")', '**2.** take("x")'],
    ["in a list", '- 1) take("x")\n- 2) take($1)\n', '- 1) take("x")\n- 2) take($1)'],
    ["deeply indented", `10. Look:\n\n    \`\`\`plan\n    ${call}\n    \`\`\`\n`, call],
    ["with what may stand behind a call", "1. take() after 2 # look\n", "1. take() after 2 # look"],
    ["an untagged fence of calls", `Plan:\n\`\`\`\n${call}\n\n# then\n2. take($1)\n\`\`\`\n`, `${call}\n2. take($1)`],
    ["a json fence of calls", `\`\`\`json\n${call}\n\`\`\`\n`, call],
    ["a fence that is never closed", `~~~text\n${call}\n`, call],
    ["a fence tagged Plan", `\`\`\`Plan\n${call}\n\`\`\``, call],
    ["a fence tagged plan and more", `\`\`\`plan my plan\n${call}\n\`\`\``, call],
    ["with one other line in five", `\`\`\`\n${four}\nand done\n\`\`\``, four],
    ["with blocks, whose lines do not count", "```\n1. take(<<T)\n<<T\na\nb\nc\nT\n2. take()\n```", "1. take(<<T)\n2. take()"],
    ["a plan in a fence that is never closed", `\`\`\`ts\nlet x;\n\`\`\`plan\n${call}\n`, call],
  ])("%s", (_, text, excerpt) => {
    expect(missOf(text)).toMatchObject({ type: "near-miss", excerpt });
  });

  test("told once, with at most about a thousand characters of it", () => {
    const text = `${`${call}\n`.repeat(500)}\`\`\`\n${call}\n\`\`\`\n`;
    const parts = parse(text);
    expect(outline(parts)).toEqual(["text", "near-miss"]);
    const miss = missOf(`${call}\n`.repeat(500));
    expect(miss?.type === "near-miss" ? miss.excerpt.length : 0).toBeLessThan(1_100);
  });

  test("JSON todos outside a plan, where plans are JSON", () => {
    const todo = '{"id": 1, "tool": "take", "args": {}}';
    expect(missOf(`Plan:\n${todo},\n`, jsonParser())).toMatchObject({ excerpt: `${todo},` });
    expect(missOf(`\`\`\`json\n[\n${todo}\n]\n\`\`\``, jsonParser())).toMatchObject({ excerpt: todo });
    expect(missOf(`\`\`\`json\n${todo}\n\`\`\``, jsonParser())).toMatchObject({ excerpt: todo });
  });

  test.each([
    ["JSON todos where plans are lines", '{"id": 1, "tool": "take", "args": {}}'],
    ["a call as a model was trained to write it", '<tool_call>{"name": "take", "arguments": {"value": 1}}</tool_call>'],
    ["a list of them", '[TOOL_CALLS] [{"name": "nope", "arguments": {}}, {"name": "take", "arguments": {}}]'],
    ["with its arguments in a string", '{"function": {"name": "take", "arguments": "{\\"value\\": 1}"}}'],
    ["in tags", "<function=take>{}</function>"],
    ["as an invocation", '<invoke name="take">'],
    ["as an action", "Action: take"],
  ])("%s", (_, line) => {
    expect(missOf(`I will.\n${line}\n`)).toMatchObject({ excerpt: line });
    expect(missOf(`\`\`\`\n${line}\n\`\`\`\n`)).toMatchObject({ excerpt: line });
    expect(outline(parse(`${line}\n${fenced("1. take()")}`))).toEqual(["text", "1 take"]);
  });

  test("lines where plans are JSON", () => {
    expect(missOf(`Plan:\n${call}\n`, jsonParser())).toMatchObject({ excerpt: call });
    expect(missOf(`\`\`\`\n${call}\n\`\`\`\n`, jsonParser())).toMatchObject({ excerpt: call });
  });
});

describe("no near miss is", () => {
  test.each([
    ["a numbered list", "1. First, read the file.\n2. Then call file_read on it.\n3) Search (twice) for TODO.\n"],
    ["a list of tools", "1. file_read(path) reads a file\n2. `code_search(pattern)`\n3. take() and so on\n"],
    ["a signature", "1. file_read(path)\n2. code_search(pattern, path?)\n"],
    ["a call of an unknown tool", '1. print("hello")\n2. console.log(1)\n'],
    ["a call that would not be valid", "1. file_read()\n2. file_read(1, 2, 3, 4)\n"],
    ["a call without a number", 'file_read("a")\n- take()\n'],
    ["a call in a sentence", `Use 1. take() for it, or write ${call}.\n`],
    ["a call in inline code", `\`${call}\`\n`],
    ["a quotation", `> ${call}\n`],
    ["a table", `| ${call} |\n`],
    ["code", "```ts\nconst a = 1;\ntake();\n```\n"],
    ["code with a call in it", `\`\`\`text\nHere is how:\n${call}\nand so on\n\`\`\`\n`],
    ["YAML", "```yaml\nsteps:\n  - 1. take()\n  - run: x\n```\n"],
    ["an example of a plan in a longer fence", `\`\`\`\`markdown\n${fenced(call)}\`\`\`\`\n`],
    ["an example of a plan in a markdown fence", `\`\`\`markdown\nLike so:\n\`\`\`plan\n${call}\n\`\`\`\nThat is it.\n\`\`\`\n`],
    ["a line of code longer than is looked at", `${call.slice(0, -2)}${"x".repeat(5_000)}")\n`],
    [
      "an object that names a tool but does not call it",
      '{"name": "take", "stars": 5}\n{"name": "file_read", "arguments": {}}\n',
    ],
    ["an unknown call in tags", '<invoke name="fly">\n<function=fly>\nAction: fly\n<html_tag>\n'],
    ["a call that was only thought of", `<think>\nMaybe\n${call}\n\`\`\`plan\n${call}\n\`\`\`\n</think>\nNo: it is 4.\n`],
    ["an empty answer", ""],
  ])("%s", (_, text) => {
    expect(missOf(text)).toBeUndefined();
  });

  test("what stands beside a plan", () => {
    const parts = parse(`I will run\n${call}\n${fenced("2. take()")}as in\n\`\`\`\n${call}\n\`\`\`\n`);
    expect(outline(parts)).toEqual(["text", "2 take", "text"]);
  });

  test("… unless that plan is empty", () => {
    expect(outline(parse(`${call}\n${fenced("")}`))).toEqual(["text", "near-miss"]);
  });

  test("an empty second plan fence", () => {
    expect(outline(parse(`${fenced("1. take()")}${fenced("\n")}`))).toEqual(["1 take", "text"]);
  });
});
