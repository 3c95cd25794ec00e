import { messageOf } from "../lib/error.ts";
import type { CheckpointRecord } from "../persistence/index.ts";
import { type Neighbours, type PathState, ToolError, changeState, redoChange, undoChange } from "../tools/index.ts";
import { bytesOf, isFile, statesOf } from "./checkpoint-states.ts";

export interface Wanted {
  readonly hunks: readonly string[] | undefined;
  readonly redo: boolean;
}

export type PutBack =
  /** `bytes`: what a file held right before. */
  { readonly status: "done"; readonly bytes: Buffer | null } | { readonly status: "conflict"; readonly message: string };

/** The largest file that is looked at. */
const maxBytes = 64 * 1024 * 1024;

/** Of a change a command made: files as those of tools, by their patch; everything else only where it is exactly as it was left. */
export async function putCommandBack(near: Neighbours, checkpoint: CheckpointRecord, wanted: Wanted): Promise<PutBack> {
  const { path } = checkpoint;
  const { before, after } = statesOf(checkpoint);
  const [from, to] = wanted.redo ? [before, after] : [after, before];
  try {
    const now = await changeState({ near, path, like: from, maxBytes }, (found) => {
      if ([before, after, found].every(isFile)) return { from: found, to: merged({ before, after, found }, wanted) };
      if (wanted.hunks === undefined) return { from, to };
      throw new ToolError("not_in_parts", `${path} has no parts to take back one by one.`);
    });
    return { status: "done", bytes: bytesOf(now) };
  } catch (error) {
    if (error instanceof ToolError) return { status: "conflict", message: messageOf(error) };
    throw error;
  }
}

interface Files {
  readonly before: PathState;
  readonly after: PathState;
  readonly found: PathState;
}

/** What happened to the file since stays, its permission bits too. */
function merged({ before, after, found }: Files, { redo, hunks }: Wanted): PathState {
  const change = { current: bytesOf(found), before: bytesOf(before), after: bytesOf(after), hunks };
  const result = redo ? redoChange(change) : undoChange(change);
  if (result.status === "conflict") throw new ToolError("file_changed", result.message);
  if (result.bytes === null) return { kind: "missing" };
  const [from, to] = redo ? [before, after] : [after, before];
  return { kind: "file", mode: mergedMode(modeOf(from), modeOf(to), modeOf(found)), bytes: result.bytes };
}

function mergedMode(from: number | null, to: number | null, found: number | null): number {
  const isAsLeft = found === null || from === null || found === from;
  return (isAsLeft ? to : null) ?? found ?? 0o644;
}

function modeOf(state: PathState): number | null {
  return state.kind === "file" ? state.mode : null;
}
