import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { ToolError } from "../tool-error.ts";
import type { Folder } from "../workspace/folder.ts";
import { below } from "../workspace/path.ts";
import { type FoundFile, fileOf } from "./found.ts";

export interface StillFile {
  readonly found: FoundFile;
  readonly bytes: Buffer;
}

/** How often a file is read that changes while it is read. */
const tries = 3;

/**
 * A file that nobody changed while it was read. Throws a ToolError `file_too_large`, `file_changed` when it does not rest, or
 * `path_not_a_file` when something else stands there by now.
 */
export async function readStill(folder: Folder, name: string, maxBytes: number): Promise<StillFile> {
  const path = below(folder.path, name);
  const handle = await folder.open(name, constants.O_RDONLY);
  try {
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const still = await readOnce(handle, path, maxBytes);
      if (still !== null) return still;
    }
    throw new ToolError("file_changed", `${path} is being written all the time.`, { retryable: true });
  } finally {
    await handle.close();
  }
}

async function readOnce(handle: FileHandle, path: string, maxBytes: number): Promise<StillFile | null> {
  const stats = await handle.stat({ bigint: true });
  if (!stats.isFile()) throw new ToolError("path_not_a_file", `${path} is no regular file (any more).`);
  const found = fileOf(path, stats);
  if (found.size > maxBytes) throw new ToolError("file_too_large", `${path} is too large to be kept.`);
  const bytes = Buffer.allocUnsafe(found.size);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  const now = fileOf(path, await handle.stat({ bigint: true }));
  return now.stamp === found.stamp && length === bytes.length ? { found, bytes } : null;
}
