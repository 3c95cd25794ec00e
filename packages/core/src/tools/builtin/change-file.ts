import type { FileDiff } from "@orquestra/protocol";
import { diffFiles } from "../diff.ts";
import { ToolError } from "../tool-error.ts";
import type { CallPreview, FileBefore, ToolCall } from "../tool.ts";
import type { WorkspaceFiles } from "../workspace/files.ts";
import type { FileContent } from "../workspace/regular-file.ts";

/** Larger files are not edited or overwritten. Bytes. */
export const maxChangeBytes = 5 * 1024 * 1024;

/** What a call would do to a file. `after` null: it is deleted. */
export interface PlannedChange {
  readonly path: string;
  readonly before: FileBefore;
  readonly after: Buffer | null;
}

/** The file a change starts from. Where there is none, the error names what was probably meant. */
export async function readExisting(files: WorkspaceFiles, path: string, maxBytes: number): Promise<FileContent> {
  const before = await files.readForChange(path, { maxBytes });
  if (before.bytes !== null) return { ...before, bytes: before.bytes };
  await files.stat(path);
  throw new ToolError("file_changed", `${before.path} was made just now; try again.`);
}

/**
 * Carries a change out: kept for undoing first, then written over exactly what it was planned from, else `file_changed`.
 * A change that is there already is none.
 */
export async function makeChange(
  call: ToolCall,
  files: WorkspaceFiles,
  { path, before, after }: PlannedChange,
): Promise<FileDiff> {
  const { bytes } = before;
  const diff = diffFiles(path, bytes, after);
  if (after !== null && bytes?.equals(after) === true) return diff;
  await call.checkpoint(path, before, after);
  if (call.signal.aborted) throw new ToolError("aborted", `Stopped before ${path} was written.`, { cause: call.signal.reason });
  if (after !== null) await files.writeAtomic(path, after, { expected: bytes });
  else await files.remove(path, bytes === null ? {} : { expected: bytes });
  return diff;
}

export function previewChange({ path, before, after }: PlannedChange): CallPreview {
  const diff = diffFiles(path, before.bytes, after);
  const verbs = { created: "create", changed: "change", deleted: "delete" };
  return { summary: `${verbs[diff.status]} ${path}: ${counted(diff)}`, diff: [diff] };
}

/** "2 lines added, 1 removed". */
function counted({ added, removed, opaque }: FileDiff): string {
  if (opaque === true) return "binary or too large to show line by line";
  if (added === 0 && removed === 0) return "no lines";
  const parts = [
    added === 0 ? "" : `${lines(added)} added`,
    removed === 0 ? "" : `${added === 0 ? lines(removed) : removed} removed`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function lines(count: number): string {
  return count === 1 ? "1 line" : `${count} lines`;
}
