import { describe, expect, test } from "vitest";
import { joined, lineParser, outline, parse, textOf, todosOf } from "./plan.fixture.ts";

const read = '1. file_read("a")';

describe("a plan is a fence tagged plan at the top level", () => {
  test.each([
    ["three backticks", `\`\`\`plan\n${read}\n\`\`\`\n`],
    ["four backticks", `\`\`\`\`plan\n${read}\n\`\`\`\`\n`],
    ["a longer closing fence", `\`\`\`plan\n${read}\n\`\`\`\`\`  \n`],
    ["up to three spaces before it", `   \`\`\`plan\n   ${read}\n  \`\`\`\n`],
    ["spaces around the tag", `\`\`\` plan \t\n${read}\n\`\`\`\n`],
    ["a byte order mark", `\uFEFF\`\`\`plan\n${read}\n\`\`\`\n`],
    ["Windows line ends", `\`\`\`plan\r\n${read}\r\n\`\`\`\r\n`],
    ["no closing fence at the end", `\`\`\`plan\n${read}\n`],
    ["no line end at the end", `\`\`\`plan\n${read}`],
    ["a closing fence without a line end", `\`\`\`plan\n${read}\n\`\`\``],
  ])("%s", (_, text) => {
    expect(outline(parse(text))).toEqual(["1 file_read"]);
    expect(textOf(parse(`Before\n${text}`))).toBe("Before\n");
  });

  test.each([
    ["another tag", "```ts"],
    ["a longer tag", "```planner"],
    ["a tag with something behind it", "```plan example"],
    ["another case", "```Plan"],
    ["tildes", "~~~plan"],
    ["two backticks", "``plan"],
    ["four spaces before it", "    ```plan"],
    ["a tab before it", "\t```plan"],
    ["a quotation", "> ```plan"],
    ["a list item", "- ```plan"],
    ["text before it", "So: ```plan"],
    ["nothing on the line but the tag", "plan"],
  ])("not with %s", (_, opener) => {
    const text = `${opener}\n${read}\n\`\`\`\n`;
    expect(todosOf(parse(text))).toEqual([]);
    expect(textOf(parse(text))).toBe(text);
  });

  test("a plan inside another fence is text", () => {
    for (const fence of ["````markdown", "~~~", "```` ", "- ````"]) {
      const close = fence.includes("~") ? "~~~" : "````";
      const text = `Like this:\n${fence}\n\`\`\`plan\n${read}\n\`\`\`\n${close}\nThat is all.\n`;
      expect(parse(text)).toEqual([{ type: "text", text }]);
    }
  });

  test.each([
    ["think", "think"],
    ["thinking", "Thinking"],
  ])("a plan inside <%s> is only thought of", (_, tag) => {
    const thoughts = `<${tag}>\n\`\`\`plan\n${read}\n\`\`\`\n\`\`\`\n</${tag}>\n`;
    expect(outline(parse(thoughts))).toEqual(["text"]);
    expect(outline(parse(`${thoughts}\`\`\`plan\n2. file_read("b")`))).toEqual(["text", "2 file_read"]);
    expect(outline(parse(`<${tag}></${tag}>\n\`\`\`plan\n${read}`))).toEqual(["text", "1 file_read"]);
  });

  test("thoughts that never end hide no plan: it is told of", () => {
    expect(outline(parse(`<think>\nSo:\n\`\`\`plan\n${read}\n\`\`\`\n`))).toEqual(["text", "near-miss"]);
  });

  test("a shorter fence or one with a tag does not close the other fence", () => {
    const text = "````\n```\n```plan\n~~~~\n    ````\n```` x\n";
    expect(outline(parse(text))).toEqual(["text"]);
  });

  test("after another fence has closed, a plan is a plan", () => {
    expect(outline(parse(`\`\`\`ts\ncode\n\`\`\`\n\`\`\`plan\n${read}`))).toEqual(["text", "1 file_read"]);
    expect(outline(parse(`- \`\`\`ts\n  code\n      \`\`\`\n\`\`\`plan\n${read}`))).toEqual(["text", "1 file_read"]);
  });

  test("inline code of three backticks opens no fence", () => {
    expect(outline(parse(`\`\`\`a\`\`\` b\n\`\`\`plan\n${read}`))).toEqual(["text", "1 file_read"]);
  });

  test("the lines of an indented fence lose its indent, and no more", () => {
    const text = '  ```plan\n  1. file_write("a", <<T)\n  <<T\n    two\n one\n  T\n  ```\n';
    expect(todosOf(parse(text))[0]?.args["text"]).toBe("  two\none\n");
  });

  test("a fence shorter than the opening one does not close the plan", () => {
    expect(outline(parse(`\`\`\`\`plan\n${read}\n\`\`\`\n2. file_read("b")\n\`\`\`\`\nEnd`))).toEqual([
      "1 file_read",
      "- plan_not_a_todo",
      "2 file_read",
      "text",
    ]);
  });

  test("the second plan of an answer is text, runs nothing and is told of", () => {
    const second = '```plan\n2. file_read("b")\n```\n';
    const parts = parse(`\`\`\`plan\n${read}\n\`\`\`\nthen\n${second}`);
    expect(outline(parts)).toEqual(["1 file_read", "text", "near-miss"]);
    expect(textOf(parts)).toBe(`then\n${second}`);
    expect(parts.at(-1)).toMatchObject({ excerpt: '2. file_read("b")' });
  });

  test("an empty plan is nothing", () => {
    expect(parse("Hi\n```plan\n\n# only a comment\n```\nBye")).toEqual([{ type: "text", text: "Hi\nBye" }]);
    expect(parse("```plan")).toEqual([]);
  });
});

describe("text is let through at once", () => {
  test.each([["Hello"], [" Hello"], ["`x"], ["a\nb"], ["``` "].map((text) => `${text}x`), ["\n"], ["```planx"], ["````plan x"]])(
    "%j",
    (text) => {
      expect(lineParser().push(text)).toEqual([{ type: "text", text }]);
    },
  );

  test.each([["`"], ["``"], ["  "], ["```"], ["```p"], ["````  plan"], ["```plan\r"], ["   ```plan \t"]])(
    "%j is withheld until it is decided",
    (text) => {
      const opened = lineParser();
      expect(opened.push(text)).toEqual([]);
      const other = lineParser();
      expect([...other.push(text), ...other.push("!\n")]).toEqual([{ type: "text", text: `${text}!\n` }]);
    },
  );

  test("what was withheld comes out at the end", () => {
    const parser = lineParser();
    expect(parser.push("Hi\n  ``")).toEqual([{ type: "text", text: "Hi\n" }]);
    expect(parser.end()).toEqual([{ type: "text", text: "  ``" }]);
  });

  test("behind the plan and inside other fences nothing is withheld", () => {
    const parser = lineParser();
    parser.push("```plan\n```\n");
    expect(parser.push("``")).toEqual([{ type: "text", text: "``" }]);
    const other = lineParser();
    other.push("```ts\n");
    expect(other.push("``")).toEqual([{ type: "text", text: "``" }]);
  });

  test("a todo comes with the end of its line, not with the end of the plan", () => {
    const parser = lineParser();
    expect(parser.push(`\`\`\`plan\n${read}`)).toEqual([]);
    expect(outline(parser.push("\n2. file_"))).toEqual(["1 file_read"]);
    expect(outline(parser.push('read("b")\n'))).toEqual(["2 file_read"]);
  });
});

describe("the end of the stream", () => {
  test("a stream that is cut gives no todo for its last, unfinished line", () => {
    const parser = lineParser();
    const parts = parser.push(`\`\`\`plan\n${read}\n2. file_read("b")`);
    expect(outline(joined([...parts, ...parser.end("cut")]))).toEqual(["1 file_read", "2 plan_unclosed"]);
  });

  test("a stream that is cut is no near miss", () => {
    const parser = lineParser();
    parser.push(`${read}\n`);
    expect(parser.end("cut")).toEqual([]);
  });

  test("comes once", () => {
    const parser = lineParser();
    parser.push(`\`\`\`plan\n${read}`);
    expect(outline(parser.end())).toEqual(["1 file_read"]);
    expect(parser.end()).toEqual([]);
    expect(parser.push("more")).toEqual([]);
  });
});
