import { type KnownFile, isTodoTerminal } from "@orquestra/protocol";
import type { CheckpointRecord } from "../../persistence/index.ts";
import { noteEnd } from "./audited-call.ts";
import { cancelTodo } from "./end-todo.ts";
import type { Snapshots } from "../../tools/index.ts";
import { keepLeftChanges } from "./command-undo.ts";
import { dropUnchanged, knownFiles, newestOf } from "./known-files.ts";
import type { Past } from "./past.ts";
import type { Run } from "./run.ts";
import { byUser } from "./running-call.ts";
import type { TodoPast } from "./todo-past.ts";
import { type LiveTodo, isEffect } from "./todo-list.ts";
import { becomeUnknown } from "./unknown.ts";

interface Left {
  readonly past: Past;
  /** Of the whole run, in the order they were written. */
  readonly checkpoints: readonly CheckpointRecord[];
  readonly snapshots: Snapshots | null;
}

/**
 * What was running when its process died. What may be done again is; an effect that may have happened is unknown, unless the
 * files it was to change show that it had not.
 */
export async function settleRunning(run: Run, { past, checkpoints, snapshots }: Left): Promise<void> {
  for (const todo of run.todos) {
    if (todo.record.status !== "running" || todo.children !== null) continue;
    const its = past.todos.get(todo.record.id);
    if (isRepeatable(todo)) goBack(run, todo, its);
    else {
      const own = checkpoints.filter(({ todoId, path }) => todoId === todo.record.id && its?.kept.has(path) === true);
      const earlier = checkpoints.filter(({ todoId }) => todoId === todo.record.id);
      const { attempt } = todo.record;
      if (todo.tool?.effects.includes("exec") === true)
        await keepLeftChanges({ run, todo, attempt, earlier, kept: own, snapshots });
      await settleEffect(run, todo, { its, own, all: checkpoints });
    }
    if (todo.tool !== null && isEffect(todo.tool)) noteEnd(run, todo, { status: recoveredAs(todo) });
  }
}

/** `interrupted`: it is made again, or had not done anything. */
function recoveredAs({ record }: LiveTodo): "unknown" | "interrupted" {
  return record.status === "unknown" ? "unknown" : "interrupted";
}

function isRepeatable({ tool }: LiveTodo): boolean {
  return tool !== null && (!isEffect(tool) || tool.idempotent);
}

/** It counts as not started and not tried, unless a person had told it to stop. */
function goBack(run: Run, todo: LiveTodo, its: TodoPast | undefined): void {
  if (its !== undefined) its.starts = its.starts.slice(0, -1);
  todo.attemptsBefore += 1;
  if (its?.stopping === true) cancelTodo(run, todo, byUser);
  else run.setTodoStatus(todo, "pending");
}

interface Traces {
  readonly its: TodoPast | undefined;
  /** What its last attempt kept of files. */
  readonly own: readonly CheckpointRecord[];
  readonly all: readonly CheckpointRecord[];
}

async function settleEffect(run: Run, todo: LiveTodo, { its, own, all }: Traces): Promise<void> {
  const files = await knownFiles(run, own);
  // A tool that no longer runs is not stopped by its run any more.
  if (isTodoTerminal(todo.record.status)) return;
  if (!hasDoneNothing(todo, newestOf(own), files)) return becomeUnknown(run, todo, { known: knownOf(its, files), files });
  todo.unchanged = newestOf(own);
  const before = new Set(all.filter((one) => one.todoId === todo.record.id && !own.includes(one)).map(({ path }) => path));
  dropUnchanged(
    run,
    own.filter(({ path }) => !before.has(path)),
    files,
  );
  goBack(run, todo, its);
}

/**
 * An undoable tool keeps a file before it changes it, and changes nothing else. So where it kept some, and each is exactly as it
 * was, it had not come to change any. One that kept none is not trusted that far.
 */
function hasDoneNothing({ tool }: LiveTodo, kept: readonly CheckpointRecord[], files: readonly KnownFile[]): boolean {
  if (tool?.undoable !== true || !tool.effects.every((effect) => fileEffects.has(effect))) return false;
  if (kept.some(({ undone }) => undone !== null)) return false;
  return kept.length > 0 && kept.length === files.length && files.every(({ state }) => state === "before");
}

const fileEffects: ReadonlySet<string> = new Set(["read", "write", "destructive"]);

function knownOf(its: TodoPast | undefined, files: readonly KnownFile[]): string {
  const stopped = its?.stopping === true ? "You had told it to stop. " : "";
  return `${stopped}The server stopped while this was running: ${conclusionOf(files)}`;
}

function conclusionOf(files: readonly KnownFile[]): string {
  if (files.length === 0) return "it may have happened, in whole or in part.";
  if (files.every(({ state }) => state === "after")) return "its files are exactly as it was to leave them.";
  return "it may have happened in part.";
}
