import type { NewEvent } from "@orquestra/protocol";
import { CommandError } from "../../lib/error.ts";
import type { Change, CheckpointRecord } from "../../persistence/index.ts";
import { diffFiles, hashOf, openWorkspaceFiles } from "../../tools/index.ts";
import { changeBack } from "../change-back.ts";
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
      const files = checkpoints.map((one) => ({
        ...diffFiles(one.path, one.before, one.after),
        todoId: one.todoId,
        base: one.before === null ? null : hashOf(one.before),
        restored: one.undone !== null,
      }));
      return { reply: { files } };
    },

    "checkpoint-restore": async (command, user) => {
      const { session, run } = await ownRun(store, command, user);
      if (session.workspace === null) throw new CommandError("not_found", "This session has no folder.");
      const chosen = choose(await store.checkpoints.list(run.id), command);
      if (chosen.length === 0)
        throw new CommandError(
          "not_found",
          command.data.redo === true ? "Nothing of that was undone." : "Nothing of that is left to undo.",
        );
      const held = chosen.find(({ path }) => runs.holds(session.id, path));
      if (held !== undefined)
        throw new CommandError("busy", `A todo is working on ${held.path}. Try again when it has ended.`, { retryable: true });
      const files = openWorkspaceFiles(session.workspace);
      const restored: CheckpointRecord[] = [];
      const conflicts: { path: string; message: string }[] = [];
      for (const checkpoint of chosen) {
        const result = await changeBack(files, checkpoint, command.data);
        if (result.status === "done") restored.push(result.checkpoint);
        else conflicts.push({ path: checkpoint.path, message: result.message });
      }
      return {
        reply: { restored: restored.map(({ path }) => path), conflicts },
        sessionId: session.id,
        events: restoredEvents(run.id, restored),
        changes: restored.map((record): Change => ({ put: "checkpoints", record })),
      };
    },
  };
}

/** The changes to take back, newest first, or to make again, oldest first. */
function choose(all: readonly CheckpointRecord[], { data }: CommandOf<"checkpoint-restore">): readonly CheckpointRecord[] {
  const redo = data.redo === true;
  const chosen = all.filter(
    ({ todoId, path, undone }) =>
      (data.todoId === undefined || data.todoId === todoId) &&
      (data.path === undefined || data.path === path) &&
      redo === (undone !== null),
  );
  return redo ? chosen : chosen.toReversed();
}

function restoredEvents(runId: string, restored: readonly CheckpointRecord[]): NewEvent[] {
  const todoIds = [...new Set(restored.map(({ todoId }) => todoId))];
  return todoIds.map((todoId) => {
    const records = restored.filter((record) => record.todoId === todoId);
    const redo = records.every(({ undone }) => undone === null);
    const paths = records.map(({ path }) => path);
    return { type: "checkpoint-restored", runId, data: { todoId, paths, ...(redo ? { redo } : {}) } };
  });
}
