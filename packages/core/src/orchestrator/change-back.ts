import { messageOf } from "../lib/error.ts";
import type { CheckpointRecord } from "../persistence/index.ts";
import { type Neighbours, ToolError, type WorkspaceFiles, redoChange, undoChange } from "../tools/index.ts";
import { type PutBack, type Wanted, putCommandBack } from "./change-command-back.ts";
import { diffOf, isOfCommand } from "./checkpoint-states.ts";

export interface ChangeBack {
  /** Only these hunks; all where absent. */
  readonly hunks?: readonly string[] | undefined;
  readonly redo?: boolean | undefined;
}

export type ChangedBack =
  | { readonly status: "done"; readonly checkpoint: CheckpointRecord }
  | { readonly status: "conflict"; readonly path: string; readonly message: string };

/** How the files are reached. */
export interface Reach {
  readonly files: WorkspaceFiles;
  /** The path and those beside it. */
  readonly near: Neighbours;
}

/** The largest file whose change can be taken back. Bytes. */
const maxBytes = 64 * 1024 * 1024;

/** Whether something of the change is left to take back, or to make again. */
export function isLeft({ undone }: CheckpointRecord, { hunks, redo }: ChangeBack): boolean {
  if (undone === null) return redo !== true;
  if (undone.hunks === null) return redo === true;
  const done = new Set(undone.hunks);
  return hunks === undefined || hunks.some((id) => done.has(id) === (redo === true));
}

/**
 * Takes a todo's change of one file back, or makes it again: by its patch, so that what happened to the file since stays,
 * and never over something that does not fit. Of a change in several hunks some may be undone and some not.
 */
export async function changeBack({ files, near }: Reach, checkpoint: CheckpointRecord, wanted: ChangeBack): Promise<ChangedBack> {
  const hunks = chosenHunks(checkpoint, wanted);
  const put = isOfCommand(checkpoint)
    ? await putCommandBack(near, checkpoint, { hunks, redo: wanted.redo === true })
    : await putFileBack(files, checkpoint, { hunks, redo: wanted.redo === true });
  if (put.status === "conflict") return { ...put, path: checkpoint.path };
  return { status: "done", checkpoint: { ...checkpoint, undone: undoneAfter(checkpoint, { ...wanted, hunks }, put.bytes) } };
}

async function putFileBack(files: WorkspaceFiles, checkpoint: CheckpointRecord, { hunks, redo }: Wanted): Promise<PutBack> {
  const { path, before, after, beforeMode } = checkpoint;
  try {
    const now = await files.readForChange(path, { maxBytes });
    const change = { current: now.bytes, before, after, hunks };
    const result = redo ? redoChange(change) : undoChange(change);
    if (result.status === "conflict") return result;
    if (result.bytes === null) {
      if (now.bytes !== null) await files.remove(path, { expected: now.bytes });
    } else
      await files.writeAtomic(path, result.bytes, { expected: now.bytes, ...(beforeMode === 0 ? {} : { mode: beforeMode }) });
    return { status: "done", bytes: now.bytes };
  } catch (error) {
    if (error instanceof ToolError) return { status: "conflict", message: messageOf(error) };
    throw error;
  }
}

/** Those of the wanted hunks that are not as wanted yet; absent where that is the whole change. */
function chosenHunks(checkpoint: CheckpointRecord, { hunks, redo }: ChangeBack): ChangeBack["hunks"] {
  const done = checkpoint.undone?.hunks ?? null;
  if (done === null) return hunks;
  const all = hunks ?? diffOf(checkpoint).hunks.map(({ id }) => id);
  return all.filter((id) => done.includes(id) === (redo === true));
}

function undoneAfter(
  checkpoint: CheckpointRecord,
  { hunks, redo }: ChangeBack,
  bytes: Buffer | null,
): CheckpointRecord["undone"] {
  if (hunks === undefined) return redo === true ? null : { bytes, hunks: null };
  const { undone } = checkpoint;
  const all = diffOf(checkpoint).hunks.map(({ id }) => id);
  const earlier = undone === null ? [] : (undone.hunks ?? all);
  const changed = new Set(hunks);
  const left =
    redo === true ? earlier.filter((id) => !changed.has(id)) : all.filter((id) => changed.has(id) || earlier.includes(id));
  if (redo === true && left.length === 0) return null;
  return { bytes, hunks: left.length === all.length ? null : left };
}
