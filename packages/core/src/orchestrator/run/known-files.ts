import type { KnownFile } from "@orquestra/protocol";
import type { CheckpointRecord } from "../../persistence/index.ts";
import { type FileBefore, ToolError, type WorkspaceFiles, openWorkspaceFiles } from "../../tools/index.ts";
import type { Run } from "./run.ts";

/** Files that are looked at for one todo; the largest of them in bytes. */
const most = { files: 50, bytes: 64 * 1024 * 1024 };

/**
 * How the files are now that a todo had kept for undoing. They are reached as tools reach them, so nothing outside the folder
 * is looked at; what cannot be read any more is `other`: all that is known is that it is not what it was.
 */
export async function knownFiles(run: Run, checkpoints: readonly CheckpointRecord[]): Promise<readonly KnownFile[]> {
  if (run.workspace === null) return [];
  const files = openWorkspaceFiles(run.workspace.root);
  const known: KnownFile[] = [];
  for (const checkpoint of newestOf(checkpoints).slice(0, most.files)) known.push(await knownFile(files, checkpoint));
  return known;
}

/** Of several of one path the last: it has what the last attempt found. */
export function newestOf(checkpoints: readonly CheckpointRecord[]): readonly CheckpointRecord[] {
  return [...new Map(checkpoints.map((checkpoint) => [checkpoint.path, checkpoint])).values()];
}

/** Files that are exactly as they were have nothing to be undone: what was kept of them goes. */
export function dropUnchanged(run: Run, checkpoints: readonly CheckpointRecord[], files: readonly KnownFile[]): void {
  const unchanged = new Set(files.filter(({ state }) => state === "before").map(({ path }) => path));
  const dropped = checkpoints.filter(({ path }) => unchanged.has(path));
  if (dropped.length === 0) return;
  run.post(
    newestOf(dropped).map(({ todoId, path }) => run.event("checkpoint-dropped", { todoId, path })),
    dropped.map(({ id }) => ({ delete: "checkpoints", id })),
  );
}

async function knownFile(files: WorkspaceFiles, checkpoint: CheckpointRecord): Promise<KnownFile> {
  const { path } = checkpoint;
  try {
    return { path, state: stateOf(await files.readForChange(path, { maxBytes: most.bytes }), checkpoint) };
  } catch (error) {
    if (error instanceof ToolError) return { path, state: "other" };
    throw error;
  }
}

function stateOf({ bytes, mode }: FileBefore, { before, beforeMode, after }: CheckpointRecord): KnownFile["state"] {
  if (sameBytes(bytes, before) && (bytes === null || mode === (beforeMode & 0o7777))) return "before";
  if (sameBytes(bytes, after)) return "after";
  return bytes === null ? "missing" : "other";
}

export function sameBytes(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}
