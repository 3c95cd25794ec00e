import { messageOf } from "../lib/error.ts";
import type { CheckpointRecord } from "../persistence/index.ts";
import { type PathState, ToolError, putState, redoChange, stateAt, undoChange } from "../tools/index.ts";
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
export async function putCommandBack(root: string, checkpoint: CheckpointRecord, wanted: Wanted): Promise<PutBack> {
  const { path } = checkpoint;
  const { before, after } = statesOf(checkpoint);
  const [from, to] = wanted.redo ? [before, after] : [after, before];
  try {
    const now = await stateAt(root, path, from, maxBytes);
    if (![before, after, now].every(isFile)) {
      if (wanted.hunks !== undefined) return { status: "conflict", message: `${path} has no parts to take back one by one.` };
      await putState({ root, path, from, to });
      return { status: "done", bytes: bytesOf(now) };
    }
    const change = { current: bytesOf(now), before: bytesOf(before), after: bytesOf(after), hunks: wanted.hunks };
    const result = wanted.redo ? redoChange(change) : undoChange(change);
    if (result.status === "conflict") return result;
    await putState({ root, path, from: now, to: fileOf(result.bytes, to, now) });
    return { status: "done", bytes: bytesOf(now) };
  } catch (error) {
    if (error instanceof ToolError) return { status: "conflict", message: messageOf(error) };
    throw error;
  }
}

function fileOf(bytes: Buffer | null, to: PathState, now: PathState): PathState {
  if (bytes === null) return { kind: "missing" };
  const mode = to.kind === "file" ? to.mode : now.kind === "file" ? now.mode : 0o644;
  return { kind: "file", mode, bytes };
}
