import type { FileDiff } from "@orquestra/protocol";
import type { CheckpointRecord } from "../persistence/index.ts";
import { type PathState, diffFiles, stateOfRecord } from "../tools/index.ts";

/** What stood at a checkpoint's path before, and what the todo left there. */
export interface CheckpointStates {
  readonly before: PathState;
  readonly after: PathState;
}

type Recorded = Pick<CheckpointRecord, "path" | "before" | "beforeMode" | "after" | "afterMode">;

export function statesOf({ before, beforeMode, after, afterMode }: Recorded): CheckpointStates {
  return {
    before: stateOfRecord({ mode: beforeMode, bytes: before }),
    after: stateOfRecord({ mode: afterMode, bytes: after }),
  };
}

/** It was recorded around a command, so its modes say what it was. */
export function isOfCommand({ beforeMode, afterMode }: Pick<CheckpointRecord, "beforeMode" | "afterMode">): boolean {
  return beforeMode > permissions || afterMode > permissions;
}

const permissions = 0o7777;

/** As a person is shown it: line by line where both are files, or one is nothing. */
export function diffOf(checkpoint: Recorded): FileDiff {
  const { path } = checkpoint;
  if (!isOfCommand(checkpoint)) return diffFiles(path, checkpoint.before, checkpoint.after);
  const { before, after } = statesOf(checkpoint);
  if (isFile(before) && isFile(after)) return diffFiles(path, bytesOf(before), bytesOf(after));
  const status = before.kind === "missing" ? "created" : after.kind === "missing" ? "deleted" : "changed";
  return { path, status, added: 0, removed: 0, hunks: [], opaque: true };
}

/** A file or none: what can be compared and merged line by line. */
export function isFile(state: PathState): boolean {
  return state.kind === "file" || state.kind === "missing";
}

export function bytesOf(state: PathState): Buffer | null {
  return state.kind === "file" ? state.bytes : null;
}
