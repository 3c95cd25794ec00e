import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtInTools } from "../../tools/index.ts";
import { type EngineHarness, startEngine } from "../engine-harness.ts";
import { type WireServer, startWireServer } from "../wire-server/index.ts";
import { modelAt, plan, projectFolder } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

// What a person is told when files are missing, binary, too large or out of reach. Folder, tools and adapter are real.

const binary = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 255]);
const folder = projectFolder({
  "src/a.ts": "export const a = 1; // TODO: more\n",
  "notes.md": "# Notes\nof two lines\n",
  "picture.png": binary,
  "latin.txt": Buffer.from("caf\u00e9\n", "latin1"),
  "big.txt": Buffer.alloc(50 * 1024 * 1024, "a line of text that goes on and on\n"),
  ".env": "KEY=made-up\n",
});
symlinkSync("/etc/hostname", join(folder.path, "away"));
symlinkSync("notes.md", join(folder.path, "alias.md"));

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

/** What a person is told of one call that nobody is asked about, because it fails before that or only reads. */
async function afterCall(call: string, workspace?: null): Promise<readonly string[]> {
  wire.script([{ text: plan(`1. ${call}`) }, { text: "Done." }]);
  const session = await harness.session(workspace === null ? { workspace } : {});
  await session.ended(await session.say("go"));
  expect(session.all("approval-requested")).toEqual([]);
  return told(session);
}

describe("a call that cannot work", () => {
  it.each<[call: string, message: string]>([
    ['file_read("nots.md")', "There is no nots.md in the workspace. Did you mean notes.md?"],
    ['file_read("lib/deep/other.rs")', "There is no lib/deep/other.rs in the workspace."],
    ['file_read("picture.png")', "picture.png is binary or not UTF-8, so it cannot be read as text."],
    ['file_read("latin.txt")', "latin.txt is binary or not UTF-8, so it cannot be read as text."],
    ['file_read("src")', "src is a folder; name a file in it."],
    ['file_read("")', "The path is empty."],
    ['file_read("notes\\u0000.md")', "The path contains invisible characters."],
    ['file_read("../secret")', "../secret lies outside the folder of this session."],
    ['file_read("/etc/hostname")', "/etc/hostname lies outside the folder of this session."],
    ['file_read("away")', "away is a symbolic link that leads outside the workspace; nothing is read through it."],
    ['file_read(".env")', ".env holds secrets. No tool may touch it."],
    ['file_read(".ENV")', ".ENV holds secrets. No tool may touch it."],
    ['file_read("src/../.Env")', ".Env holds secrets. No tool may touch it."],
    ['file_read("notes.md", offset: 100)', "notes.md ends before that: it has 2 lines."],
    ['file_edit("nots.md", find: "a", replace: "b")', "There is no nots.md in the workspace. Did you mean notes.md?"],
    ['file_edit("picture.png", find: "a", replace: "b")', "picture.png is binary or not UTF-8, so it cannot be edited."],
    [
      'file_edit("big.txt", find: "a", replace: "b")',
      "big.txt is too large for that: it has 50.0 MiB, and the limit is 5.0 MiB.",
    ],
    [
      'file_edit("notes.md", find: "# Nots", replace: "b")',
      "The text to find is not in notes.md. The closest lines are:\n1: # Notes\nCopy the text exactly as the file has it.",
    ],
    [
      'file_edit("src/a.ts", find: "o", replace: "b")',
      "The text to find is in src/a.ts 3 times (line 1). Add lines around it until it is unique, or set all: true to replace every one.",
    ],
    ['file_edit("notes.md", find: "Notes", replace: "Notes")', "The edit would leave notes.md as it is."],
    [
      'file_edit("notes.md", find: "Notes")',
      "file_edit cannot take these arguments: Give find and replace, or a list of edits, and not both.",
    ],
    ['file_write("big.txt", "x")', "big.txt is too large for that: it has 50.0 MiB, and the limit is 5.0 MiB."],
    ['file_write("src", "x")', "src is a folder; name a file in it."],
    ['file_write("notes.md/x", "x")', "notes.md/x cannot be used: a file stands where a folder is needed."],
    [
      'file_write("alias.md", "x")',
      'alias.md is a symbolic link to "notes.md". Nothing is written through links; use the path it leads to.',
    ],
    ['file_write(".env", "x")', ".env holds secrets. No tool may touch it."],
    [
      'file_write(".git/hooks/pre-commit", "x")',
      ".git/hooks/pre-commit belongs to git itself; tools do not write there. Use git through the shell.",
    ],
    [
      'file_write(".GIT/hooks/pre-commit", "x")',
      ".GIT/hooks/pre-commit belongs to git itself; tools do not write there. Use git through the shell.",
    ],
    ['file_delete("nots.md")', "There is no nots.md in the workspace. Did you mean notes.md?"],
    ['list_files("nowhere")', "There is no nowhere in the workspace."],
    ['list_files("notes.md")', "notes.md cannot be used: a file stands where a folder is needed."],
    ['list_files(pattern: "[")', "The pattern was refused: '[': unclosed character class; missing ']'."],
    ['code_search("(")', "The pattern was refused: unclosed group."],
    ['code_search("x", "nowhere")', "There is no nowhere in the workspace."],
    ['shell("ls", cwd: "nowhere")', "There is no nowhere in the workspace."],
    ['shell("ls", env: {PATH: "x"})', "PATH changes how programs run, so it is not set from outside; write it into the command."],
    ['recall("m77")', "There is no m77 in this session."],
  ])("%s says so and asks nobody", async (call, message) => {
    expect(await afterCall(call)).toEqual([`t1 failed: ${message}`]);
  });

  it.each(['file_read("notes.md")', 'file_write("x.md", "x")', 'code_search("x")', "list_files()", 'shell("ls")'])(
    "%s needs a folder",
    async (call) => {
      expect(await afterCall(call, null)).toEqual(["t1 failed: This session has no folder; open one to use its files."]);
    },
  );
});

describe("a file of 50 MB", () => {
  it("is read in part, and searched", async () => {
    wire.script([
      { text: plan('1. file_read("big.txt", offset: 1000000, limit: 2)', '2. code_search("goes on", "big.txt", limit: 2)') },
      {},
    ]);
    const session = await harness.session();
    await session.ended(await session.say("go"));
    const line = "a line of text that goes on and on\n";
    const completed = session.all("todo-completed").toSorted((a, b) => (a.data.todoId < b.data.todoId ? -1 : 1));
    expect(completed.map(({ data }) => data.preview)).toMatchObject([
      { path: "big.txt", text: line + line, lines: 2, offset: 1_000_000, truncated: true },
      { matches: [{ line: 1 }, { line: 2 }], truncated: true },
    ]);
  });
});

describe("a file of 50 MB that may be deleted", () => {
  it("is shown as too large to show, deleted, and brought back whole", async () => {
    const bytes = Buffer.alloc(50 * 1024 * 1024, "x");
    folder.write("huge.bin", bytes);
    wire.script([{ text: plan('1. file_delete("huge.bin")') }, { text: "Done." }]);
    const session = await harness.session();
    const runId = await session.say("go");
    const { data } = await session.until("approval-requested");
    expect(data.todos.map(({ summary }) => summary)).toEqual(["delete huge.bin: binary or too large to show line by line"]);
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    await session.ended(runId);
    expect(told(session)).toEqual(["t1 completed"]);
    expect(existsSync(join(folder.path, "huge.bin"))).toBe(false);
    expect(await session.command("checkpoint-restore", { runId })).toEqual({ restored: ["huge.bin"], conflicts: [] });
    expect(readFileSync(join(folder.path, "huge.bin")).equals(bytes)).toBe(true);
  });
});

describe("an attached file that cannot be read", () => {
  it.each<[path: string, message: string]>([
    ["nots.md", "There is no nots.md in the workspace. Did you mean notes.md?"],
    ["picture.png", "it is binary or not UTF-8."],
    ["big.txt", "big.txt is too large for that: it has 50.0 MiB, and the limit is 0.3 MiB."],
    ["src", "src is a folder; name a file in it."],
    ["../secret", '"../secret" is outside the workspace. Use a path relative to the workspace, without "..".'],
    [".env", ".env may hold keys or passwords, so no tool reads or changes it. Ask the user instead."],
  ])("%s is told to the person, and to the model in its place", async (path, message) => {
    wire.script([{ text: "Done." }]);
    const session = await harness.session();
    await session.ended(await session.say("look", { attachments: [{ type: "file", path }] }));
    expect(told(session)).toEqual([`notice: ${path} could not be attached: ${message}`]);
    expect(JSON.stringify(wire.requests.at(-1)?.body)).toContain(JSON.stringify(`(not readable: ${message})`).slice(1, -1));
  });
});
