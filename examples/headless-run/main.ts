/** A message in a script, with nobody there to be asked: what only reads happens, what changes something only where you said so. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunRequest, builtInTools, createOrquestra } from "@orquestra/core";
import { plan, startStandIn } from "../shared/stand-in.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "headless-run-")));
writeFileSync(join(folder, "notes.md"), "Water the plants.\nCall Grace.\n");

const task = plan('1. file_read("notes.md")', '2. file_write("todo.txt", $1.text)');
const { model, server } = await startStandIn([
  task,
  "I read your notes, but may not write here.",
  task,
  "Your notes are in todo.txt now.",
]);
const orquestra = await createOrquestra({
  models: model,
  tools: builtInTools({ only: ["file_read", "file_write"] }),
  workspaces: { start: folder, list: () => [folder] },
});

/** Says yes to changes that can be undone, to nothing else. */
const undoableOnly: RunRequest["approve"] = ({ kind, todos }) =>
  kind === "effects" && todos.every(({ undoable }) => undoable) ? "allow_once" : "reject_once";

const text = "Copy my notes to todo.txt.";
const careful = await orquestra.run({ text });
console.log(await careful.answer());
const denied: string[] = [];
for await (const frame of careful) if (frame.type === "todo-failed") denied.push(frame.data.error.code);
assert.deepEqual(denied, ["headless"]);
assert.equal(existsSync(join(folder, "todo.txt")), false);

const trusting = await orquestra.run({ text, approve: undoableOnly, signal: AbortSignal.timeout(30_000) });
console.log(await trusting.answer());
assert.equal(readFileSync(join(folder, "todo.txt"), "utf8"), "Water the plants.\nCall Grace.\n");

await orquestra.close();
await server.close();
rmSync(folder, { recursive: true });
