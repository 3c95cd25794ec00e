import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtInTools } from "../../tools/index.ts";
import { type EngineHarness, startEngine } from "../engine-harness.ts";
import { type WireServer, startWireServer } from "../wire-server/index.ts";
import { modelAt, plan, projectFolder } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

const folder = projectFolder({
  "src/a.ts": "export const a = 1; // TODO: more\n",
  "src/b.ts": "export const b = 2;\n",
  "notes.md": "# Notes\n",
});
let wire: WireServer;
let harness: EngineHarness;
beforeAll(async () => {
  wire = await startWireServer();
  harness = await startEngine({ model: modelAt(wire.url), tools: builtInTools(), workspaces: folder.workspaces });
});
afterAll(async () => {
  await harness.close();
  await wire.close();
  folder.remove();
});

/** What a person is told when the model answers so, one answer after the other, and then says that it is done. */
async function afterAnswers(...answers: readonly string[]): Promise<readonly string[]> {
  const left = [...answers];
  wire.script(() => ({ text: left.shift() ?? "Done." }));
  const session = await harness.session();
  const end = await session.ended(await session.say("go"));
  expect(left).toEqual([]);
  expect(end.type).toBe("run-completed");
  return told(session);
}

const fence = "```";
const rows: [string, string[]][] = [
  ["prose in plan", [plan("I will read the notes first.", '1. file_read("notes.md")')]],
  ["no number", [plan('file_read("notes.md")')]],
  ["number zero", [plan('0. file_read("notes.md")')]],
  ["same number", [plan('1. file_read("notes.md")', '1. file_read("src/a.ts")')]],
  ["calls nothing", [plan("1. read the notes")]],
  ["unknown tool", [plan('1. read_file("notes.md")', "2. ask_model($1.text)")]],
  ["unknown tool far", [plan('1. fly("moon")')]],
  ["missing arg", [plan("1. file_read()")]],
  ["unknown arg", [plan('1. file_read(file: "notes.md")')]],
  ["wrong type", [plan("1. file_read(7)")]],
  ["too many", [plan('1. file_read("notes.md", 1, 2, 3)')]],
  ["limit out of range", [plan('1. file_read("notes.md", limit: 100000)')]],
  ["twice", [plan('1. file_read("notes.md", path: "b")')]],
  ["bare word", [plan("1. file_read(notes.md)")]],
  ["unclosed string", [plan('1. file_read("notes.md)', '2. file_read("src/a.ts")')]],
  ["unclosed bracket", [plan('1. list_files(path: "src"', '2. file_read("src/a.ts"')]],
  ["block missing", [plan('1. file_write("x.md", <<TEXT)', '2. file_read("src/a.ts")')]],
  ["block unclosed", [plan('1. file_write("x.md", <<TEXT)', "<<TEXT", "hello", '2. file_read("src/a.ts")')]],
  ["forward ref", [plan("1. file_read($2.text)", '2. file_read("src/a.ts")')]],
  ["self ref", [plan("1. file_read($1.text)")]],
  ["ref nowhere", [plan("1. file_read($9.text)")]],
  ["after nowhere", [plan('1. file_read("notes.md") after 7')]],
  ["interpolated command", [plan('1. file_read("notes.md")', '2. shell("echo {{$1.text}}")')]],
  ["trailing", [plan('1. file_read("notes.md") and then 2')]],
  ["missing path", [plan('1. code_search("TODO")', "2. file_read($1.files[0].path)", "3. ask_model($2)")]],
  ["missing index", [plan('1. code_search("NOTHERE")', "2. file_read($1.matches[0].path)")]],
  ["fan out empty", [plan('1. code_search("NOTHERE")', "2. file_read($1.matches[*].path)")]],
  ["two fan outs", [plan('1. code_search("TODO")', "2. file_edit($1.matches[*].path, find: $1.matches[*].text, replace: 'x')")]],
  ["wrong type at run time", [plan('1. code_search("TODO")', "2. file_read($1.matches[0].line)")]],
  ["repaired", [plan('1. file_red("notes.md")', "2. code_search($1.text)"), plan('1. file_read("notes.md")')]],
  ["repair of another line", [plan('1. file_red("notes.md")'), plan('2. file_read("notes.md")')]],
  ["repair still wrong", [plan('1. file_red("notes.md")'), plan('1. file_red("notes.md")')]],
  ["outside fence", ['1. file_read("notes.md")\n2. code_search("TODO")']],
  ["outside fence repaired", ['1. file_read("notes.md")', plan('1. file_read("notes.md")')]],
  ["outside fence twice", ['1. file_read("notes.md")', '1. file_read("notes.md")']],
  ["untagged fence", [`${fence}\n1. file_read("notes.md")\n${fence}`]],
  ["other tag", [`${fence}text\n1. file_read("notes.md")\n${fence}`]],
  ["second fence", [`${plan('1. file_read("notes.md")')}\n\n${plan('2. file_read("src/a.ts")')}`]],
  ["never closed fence", [`${fence}plan\n1. file_read("notes.md")`]],
  ["parens", [plan('1) file_read("notes.md")')]],
  ["bold", [plan('**1.** file_read(path="notes.md")')]],
  ["empty plan", [plan()]],
];

describe("x", () => {
  it.each(rows)("%s", async (name, answers) => {
    console.log(name, JSON.stringify(await afterAnswers(...answers), null, 1));
  });
});
