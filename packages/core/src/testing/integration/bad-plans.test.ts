import type { PlanFormat } from "@orquestra/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtInTools } from "../../tools/index.ts";
import { type EngineHarness, startEngine } from "../engine-harness.ts";
import { type WireServer, startWireServer } from "../wire-server/index.ts";
import { modelAt, plan, projectFolder } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

// What a person is told when a model plans badly. The answers come over the wire, the tools are the real ones.

const folder = projectFolder({
  "src/a.ts": "export const a = 1; // TODO: more\n",
  "notes.md": "# Notes\nof two lines\n",
  "many.txt": Array.from({ length: 60 }, (_, index) => `TODO-${index + 1}\n`).join(""),
});
let wire: WireServer;
let harness: EngineHarness;
beforeAll(async () => {
  wire = await startWireServer();
  // Without native calls it stays with the format that the test is about.
  harness = await startEngine({
    model: modelAt(wire.url, { tools: false }),
    tools: builtInTools(),
    workspaces: folder.workspaces,
  });
});
afterAll(async () => {
  await harness.close();
  await wire.close();
  folder.remove();
});

/** What a person is told when the model answers so, one answer after the other, and then says that it is done. */
async function afterAnswers(answers: readonly string[], planFormat: PlanFormat = "lines"): Promise<readonly string[]> {
  const left = [...answers];
  wire.script(() => ({ text: left.shift() ?? "Done." }));
  const session = await harness.session({ planFormat });
  const end = await session.ended(await session.say("go"));
  expect(left).toEqual([]);
  expect(end.type).toBe("run-completed");
  return told(session);
}

/** A line that is shown as wrong, and fails with the same words because the model did not correct it. */
function wrong(id: string, message: string): readonly string[] {
  return [`${id} cannot be read: ${message}`, `${id} failed: ${message}`];
}

/** Something without a todo that the model did not correct. */
function notCorrected(text: string, message: string): string {
  return `notice: The model was asked to correct this and did not, so it was not carried out:\n${text}\n${message}`;
}

const form = '1. tool("text", name: value)';
const read = 'file_read("notes.md")';
const unclosed = "A string, bracket or block of this line is never closed, so everything after it belongs to it. Close it.";
const fence = "```";

describe("a line that cannot be read", () => {
  it.each<[name: string, line: string, message: string]>([
    [
      "calls nothing",
      "1. read the notes",
      `This line calls no tool. A line of a plan is: ${form}. Explanations stand outside the plan fence or behind #.`,
    ],
    ["names a tool that is not there", '1. read_file("notes.md")', "There is no tool read_file. Did you mean file_read?"],
    [
      "names a tool that nothing resembles",
      '1. fly("moon")',
      "There is no tool fly. The tools are: list_files, file_read, code_search, file_edit, file_write, file_delete, ask_model, extract, recall, shell, web_fetch.",
    ],
    ["leaves out an argument", "1. file_read()", "file_read(path, offset, limit): path is missing."],
    ["has an argument too many", `1. file_read("a", 1, 2, 3)`, "Too many arguments: the call is file_read(path, offset, limit)."],
    ["has an argument nobody knows", '1. file_read(file: "a")', "file_read(path, offset, limit): it has no argument file."],
    ["has an argument twice", '1. file_read("a", path: "b")', "file_read: the argument path is given twice."],
    ["has a value of another type", "1. file_read(7)", "file_read(path, offset, limit): path: expected string, received number."],
    [
      "has a number out of range",
      '1. file_read("a", limit: 9999)',
      "file_read(path, offset, limit): limit: it must be at most 2000.",
    ],
    ["has an empty text", '1. ask_model("")', "ask_model(question): question: it must not be empty."],
    [
      "forgets its quotes",
      "1. file_read(notes.md)",
      "At character 14: notes.md has no quotes; text stands in quotes, constants are true, false and null.",
    ],
    [
      "goes on behind its call",
      `1. ${read} and then 2`,
      'At character 26: behind the call only "after 1, 2" and "# title" may stand.',
    ],
    ["never closes a string", '1. file_read("notes.md)\n2. list_files()', unclosed],
    ["never closes a bracket", `1. list_files(path: "src"\n2. list_files(`, unclosed],
    [
      "has no block",
      '1. file_write("x.md", <<TEXT)\n2. list_files()',
      "The block TEXT is missing: write a line <<TEXT, the text, and a line TEXT right after the call.",
    ],
    [
      "never ends its block",
      '1. file_write("x.md", <<TEXT)\n<<TEXT\nhello\n2. list_files()',
      "The block TEXT is never closed, so everything after it belongs to it. End it with a line that is exactly TEXT.",
    ],
    ["uses its own result", "1. file_read($1.text)", "$1 cannot be used here: a line cannot use its own result."],
    ["uses a result of nothing", "1. file_read($9.text)", "$9 cannot be used here: there is no line 9 before this one."],
    ["comes after nothing", `1. ${read} after 7`, "$7 cannot be used here: there is no line 7 before this one."],
  ])("%s", async (_name, line, message) => {
    expect(await afterAnswers([plan(line)])).toEqual(wrong("t1", message));
  });

  it.each<[name: string, line: string, message: string]>([
    [
      "has no number",
      read,
      `This line has no number. A line of a plan is: ${form}. Explanations stand outside the plan fence or behind #.`,
    ],
    ["has a number that is none", `0. ${read}`, "A plan numbers its lines from 1 to 9999."],
  ])("%s, so no todo can tell", async (_name, line, message) => {
    expect(await afterAnswers([plan(line)])).toEqual([notCorrected(line, message)]);
  });

  it("has a number that is taken: the first keeps it", async () => {
    expect(await afterAnswers([plan(`1. ${read}`, "1. list_files()")])).toEqual([
      notCorrected("1. list_files()", "There is a line 1 already; every line has its own number."),
      "t1 completed",
    ]);
  });

  it("points forwards, and does not hold up the line it points at", async () => {
    expect(await afterAnswers([plan("1. file_read($2.text)", `2. ${read}`)])).toEqual([
      ...wrong("t1", "$2 cannot be used here: there is no line 2 before this one."),
      "t2 completed",
    ]);
  });

  it("would make a result part of a command", async () => {
    const message =
      "A result cannot become part of a command (shell: command): whatever it says would be run. Hand it over in env or stdin.";
    expect(await afterAnswers([plan(`1. ${read}`, '2. shell("echo {{$1.text}}")')])).toEqual([
      ...wrong("t2", message),
      "t1 completed",
    ]);
  });

  it("fans out twice", async () => {
    const line = '2. file_edit($1.matches[*].path, find: $1.matches[*].text, replace: "x")';
    const message =
      "Only one argument may make a todo per element with [*], here path and find do: write one todo for each pair.";
    expect(await afterAnswers([plan('1. code_search("TODO")', line)])).toEqual([...wrong("t2", message), "t1 completed"]);
  });

  it("is wrong in a plan of JSON", async () => {
    const lines = ['{"id": 1, "tool": "read_file", "args": {"path": "notes.md"}}', '{"id": 2}', '{"id": 3, "tool": "list_files"'];
    const jsonForm = '{"id":1,"tool":"name","args":{"argument":"value"},"after":[],"title":"text"}';
    const messages = [
      "There is no tool read_file. Did you mean file_read?",
      `This todo names no tool. A todo in JSON is: ${jsonForm}`,
      unclosed,
    ];
    expect(await afterAnswers([plan(...lines)], "json")).toEqual([
      ...messages.map((message, index) => `t${index + 1} cannot be read: ${message}`),
      ...messages.map((message, index) => `t${index + 1} failed: ${message}`),
    ]);
  });

  it("skips what depends on it, and nothing else", async () => {
    expect(await afterAnswers([plan("1. file_red($9)", "2. ask_model($1)", "3. list_files() after 2", `4. ${read}`)])).toEqual([
      ...wrong("t1", "There is no tool file_red. Did you mean file_read?"),
      "t2 skipped: It needs t1, which failed.",
      "t3 skipped: It needs t2, which was skipped.",
      "t4 completed",
    ]);
  });
});

describe("the turn that repairs a plan", () => {
  const red = '1. file_red("notes.md")';
  const message = "There is no tool file_red. Did you mean file_read?";

  it("replaces the line, and what depends on it goes on", async () => {
    expect(await afterAnswers([plan(red, '2. code_search("two", $1.path)'), plan(`1. ${read}`)])).toEqual([
      `t1 cannot be read: ${message}`,
      "t1 completed",
      "t2 completed",
    ]);
  });

  it("replaces only that line", async () => {
    expect(await afterAnswers([plan(red), plan("2. list_files()")])).toEqual([
      ...wrong("t1", message),
      notCorrected("2. list_files()", "Only line 1 may be written again; line 2 is not part of this repair."),
    ]);
  });

  it("comes once: what is still wrong then has failed", async () => {
    expect(await afterAnswers([plan(red), plan(red)])).toEqual([`t1 cannot be read: ${message}`, ...wrong("t1", message)]);
  });
});

describe("something that was meant as a plan", () => {
  it.each<[name: string, answer: string, text: string, message: string]>([
    [
      "outside a fence",
      `1. ${read}\n2. code_search("TODO")`,
      `1. ${read}\n2. code_search("TODO")`,
      "These tool calls stand outside a plan fence: nothing of them ran.",
    ],
    [
      "in a fence without a tag",
      `${fence}\n1. ${read}\n${fence}`,
      `1. ${read}`,
      "These tool calls stand in a fence that is not tagged plan: nothing of them ran.",
    ],
    [
      "in a fence of another tag",
      `${fence}text\n1. ${read}\n${fence}`,
      `1. ${read}`,
      "These tool calls stand in a fence that is not tagged plan: nothing of them ran.",
    ],
  ])("%s is asked for again, and told of when it does not come", async (_name, answer, text, message) => {
    expect(await afterAnswers([answer, plan(`1. ${read}`)])).toEqual(["t1 completed"]);
    expect(await afterAnswers([answer])).toEqual([notCorrected(text, message)]);
    expect(await afterAnswers([answer, answer])).toEqual([notCorrected(text, message)]);
  });

  it("in a second fence does not run", async () => {
    const message = "An answer has one plan, and this is a second plan fence: nothing of it ran.";
    expect(await afterAnswers([`${plan(`1. ${read}`)}\n\n${plan("2. list_files()")}`])).toEqual([
      notCorrected("2. list_files()", message),
      "t1 completed",
    ]);
  });

  it("and is plain enough runs as it is", async () => {
    const ways = [
      `1) ${read}`,
      `**1.** ${read}`,
      `**1**. ${read}`,
      `- 1. ${read}`,
      '1. file_read(path="notes.md")',
      `Let me see:\n1. ${read}`,
    ];
    for (const line of ways) expect(await afterAnswers([plan(line)])).toEqual(["t1 completed"]);
    expect(await afterAnswers([`${fence}plan\n1. ${read}`])).toEqual(["t1 completed"]);
  });

  it("and has no line at all leaves an empty answer, which is said", async () => {
    wire.script([{ text: plan() }]);
    const session = await harness.session();
    await session.ended(await session.say("go"));
    expect(told(session)).toEqual(["notice: The model gave an empty answer. Ask again, or pick another model."]);
  });
});

describe("a reference that leads nowhere when it is followed", () => {
  it.each<[name: string, lines: readonly string[], message: string]>([
    [
      "to a key that is not there",
      ['1. code_search("TODO")', "2. file_read($1.files[0].path)"],
      "$1.files[0].path is not there: the result has the keys matches, truncated.",
    ],
    [
      "into an empty list",
      ['1. code_search("NOT THERE")', "2. file_read($1.matches[0].path)"],
      "$1.matches[0].path is not there: .matches is an empty list.",
    ],
    [
      "behind the end of a list",
      ['1. code_search("two")', "2. file_read($1.matches[3].path)"],
      "$1.matches[3].path is not there: .matches is a list of one; its element is [0].",
    ],
    [
      "into a text",
      [`1. ${read}`, "2. file_read($1.text.path)"],
      "$1.text.path is not there: .text is a string, not a list or an object.",
    ],
    [
      "to a value of another type",
      ['1. code_search("two")', "2. file_read($1.matches[0].line)"],
      "file_read cannot take these arguments: path: expected string, received number.",
    ],
  ])("%s fails its todo", async (_name, lines, message) => {
    expect(await afterAnswers([plan(...lines)])).toEqual(["t1 completed", `t2 failed: ${message}`]);
  });

  it("fans out into nothing and is done, into too much and says what was left out, or into failures", async () => {
    expect(await afterAnswers([plan('1. code_search("NOT THERE")', "2. file_read($1.matches[*].path)")])).toEqual([
      "t1 completed",
      "t2 completed",
    ]);
    const many = await afterAnswers([plan('1. code_search("TODO", "many.txt")', "2. recall($1.matches[*].text)")]);
    expect(many.slice(0, 3)).toEqual([
      "t1 completed",
      "notice: Recall what t1 found: 10 more were left out: one todo makes at most 50.",
      "t2.1 failed: There is no TODO-1 in this session.",
    ]);
    expect(many.at(-1)).toBe("t2 failed: None of its 50 todos completed: There is no TODO-1 in this session.");
  });
});
