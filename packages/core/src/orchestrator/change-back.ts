import { messageOf } from "../lib/error.ts";
import type { CheckpointRecord } from "../persistence/index.ts";
import { ToolError, type WorkspaceFiles, redoChange, undoChange } from "../tools/index.ts";

export interface ChangeBack {
  /** Only these hunks; all where absent. */
  readonly hunks?: readonly string[] | undefined;
  readonly redo?: boolean | undefined;
}

export type ChangedBack =
  | { readonly status: "done"; readonly checkpoint: CheckpointRecord }
  | { readonly status: "conflict"; readonly message: string };

/** The largest file whose change can be taken back. Bytes. */
const maxBytes = 64 * 1024 * 1024;

/**
 * Takes a todo's change of one file back, or makes it again: by its patch, so that what happened to the file since stays,
 * and never over something that does not fit.
 */
export async function changeBack(
  files: WorkspaceFiles,
  checkpoint: CheckpointRecord,
  { hunks, redo }: ChangeBack,
): Promise<ChangedBack> {
  const { path, before, after, beforeMode, undone } = checkpoint;
  try {
    const now = await files.readForChange(path, { maxBytes });
    const chosen = redo === true ? undone?.hunks : hunks;
    const change = { current: now.bytes, before, after, hunks: chosen ?? undefined };
    const result = redo === true ? redoChange(change) : undoChange(change);
    if (result.status === "conflict") return result;
    if (result.bytes === null) {
      if (now.bytes !== null) await files.remove(path, { expected: now.bytes });
    } else
      await files.writeAtomic(path, result.bytes, { expected: now.bytes, ...(beforeMode === 0 ? {} : { mode: beforeMode }) });
    const mark = redo === true ? null : { bytes: now.bytes, hunks: hunks ?? null };
    return { status: "done", checkpoint: { ...checkpoint, undone: mark } };
  } catch (error) {
    if (error instanceof ToolError) return { status: "conflict", message: messageOf(error) };
    throw error;
  }
}
