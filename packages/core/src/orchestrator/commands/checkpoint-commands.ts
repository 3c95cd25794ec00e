import type { FileDiff, NewEvent } from "@orquestra/protocol";
import { CommandError } from "../../lib/error.ts";
import type { Change, CheckpointRecord } from "../../persistence/index.ts";
import { hashOf, openWorkspaceFiles } from "../../tools/index.ts";
import { changeAllBack } from "../change-all-back.ts";
import { isLeft } from "../change-back.ts";
import { diffOf } from "../checkpoint-states.ts";
import type { EngineParts } from "../parts.ts";
import type { RunBook } from "../run-book.ts";
import { ownRun } from "./access.ts";
import type { CommandOf, Handlers } from "./outcome.ts";

export function checkpointCommands({ store }: EngineParts, runs: RunBook): Handlers<"checkpoint-diff" | "checkpoint-restore"> {
  return {
    "checkpoint-diff": async (command, user) => {
      const { run } = await ownRun(store, command, user);
      const { todoId } = command.data;
      const checkpoints = (await store.checkpoints.list(run.id)).filter((one) => todoId === undefined || one.todoId === todoId);
      const files = checkpoints.map((one, index) => ({
        ...shown(diffOf(one), index),
        todoId: one.todoId,
        base: one.before === null ? null : hashOf(one.before),
        ...undoing(one),
      }));
      return { reply: { files } };
    },

    "checkpoint-restore": async (command, user) => {
      const { session, run } = await ownRun(store, command, user);
      const { workspace } = session;
      if (workspace === null) throw new CommandError("not_found", "This session has no folder.");
      const chosen = choose(await store.checkpoints.list(run.id), command);
      if (chosen.length === 0)
        throw new CommandError(
          "not_found",
          command.data.redo === true ? "Nothing of that was undone." : "Nothing of that is left to undo.",
        );
      const held = chosen.find(({ path }) => runs.holds(workspace, path));
      if (held !== undefined)
        throw new CommandError("busy", `A todo is working on ${held.path}. Try again when it has ended.`, { retryable: true });
      const restored: CheckpointRecord[] = [];
      const conflicts: { path: string; message: string }[] = [];
      const results = await changeAllBack(openWorkspaceFiles(workspace), chosen, command.data);
      for (const result of results) {
        if (result.status === "done") restored.push(result.checkpoint);
        else conflicts.push({ path: result.path, message: result.message });
      }
      return {
        reply: { restored: restored.map(({ path }) => path), conflicts },
        sessionId: session.id,
        events: restoredEvents(run.id, restored, command.data.redo === true),
        changes: restored.map((record): Change => ({ put: "checkpoints", record })),
      };
    },
  };
}

/** A command may change thousands of files: of those that nobody reads to the end only the names are told. */
function shown(diff: FileDiff, index: number): FileDiff {
  return index < mostDiffs ? diff : { ...diff, hunks: [], opaque: true };
}

const mostDiffs = 200;

function undoing({ undone }: CheckpointRecord): { readonly restored: boolean; readonly undone?: string[] } {
  if (undone === null) return { restored: false };
  return undone.hunks === null ? { restored: true } : { restored: false, undone: [...undone.hunks] };
}

/** The changes to take back, newest first, or to make again, oldest first. */
function choose(all: readonly CheckpointRecord[], { data }: CommandOf<"checkpoint-restore">): readonly CheckpointRecord[] {
  const chosen = all.filter(
    (checkpoint) =>
      (data.todoId === undefined || data.todoId === checkpoint.todoId) &&
      (data.path === undefined || data.path === checkpoint.path) &&
      isLeft(checkpoint, data),
  );
  return data.redo === true ? chosen : chosen.toReversed();
}

/** One for each todo, and one for each file of which only a part is undone. */
function restoredEvents(runId: string, restored: readonly CheckpointRecord[], redone: boolean): NewEvent[] {
  const redo = redone ? { redo: true } : {};
  const parts = restored.flatMap(({ todoId, path, undone }): NewEvent[] => {
    const hunks = undone?.hunks ?? null;
    if (hunks === null) return [];
    return [{ type: "checkpoint-restored", runId, data: { todoId, paths: [path], ...redo, hunks: [...hunks] } }];
  });
  const whole = restored.filter(({ undone }) => (undone?.hunks ?? null) === null);
  const todoIds = [...new Set(whole.map(({ todoId }) => todoId))];
  const wholes = todoIds.map((todoId): NewEvent => {
    const paths = whole.filter((record) => record.todoId === todoId).map(({ path }) => path);
    return { type: "checkpoint-restored", runId, data: { todoId, paths, ...redo } };
  });
  return [...wholes, ...parts];
}
