import { constants } from "node:fs";
import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { ToolError } from "../tool-error.ts";
import type { Place } from "./walk.ts";

/** A file as it is, and the permission bits it has. `path` is the real one, relative to the workspace. */
export interface FileContent {
  readonly path: string;
  readonly bytes: Buffer;
  readonly mode: number;
}

/**
 * Opens a regular file to read; the caller closes it. Folders, pipes, sockets and devices are refused, and a second name of a
 * file that does not belong to the owner of the folder it stands in: who owns a folder may have linked what only a server
 * with more rights can read.
 */
export async function openRegular({ folder, name, path }: Place): Promise<{ handle: FileHandle; stats: Stats }> {
  const handle = await folder.open(name, constants.O_RDONLY);
  try {
    const stats = await handle.stat();
    assertRegular(path, stats);
    if (stats.nlink > 1) assertOwned(path, stats, await folder.stat("."));
    return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Reads a file whole, or throws `file_too_large`, also when it grows while it is read. */
export async function readRegular(place: Place, maxBytes: number): Promise<FileContent> {
  const { handle, stats } = await openRegular(place);
  try {
    if (stats.size > maxBytes) throw tooLarge(place.path, stats.size, maxBytes);
    const bytes = Buffer.alloc(Math.min(maxBytes, stats.size) + 1);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length === bytes.length) throw new ToolError("file_changed", `${place.path} is being written right now; try again.`);
    return { path: place.path, bytes: bytes.subarray(0, length), mode: permissions(stats) };
  } finally {
    await handle.close();
  }
}

export function permissions(stats: Stats): number {
  return stats.mode & 0o7777;
}

function assertOwned(path: string, file: Stats, folder: Stats): void {
  if (file.uid === folder.uid) return;
  throw new ToolError(
    "path_is_hard_link",
    `${path} is another name of a file that belongs to somebody else than its folder; it is not read.`,
  );
}

export function assertRegular(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw new ToolError("path_is_directory", `${path} is a folder; name a file in it.`);
  if (stats.isSymbolicLink())
    throw new ToolError("path_is_symlink", `${path} is a symbolic link; nothing is written through it.`);
  throw new ToolError("path_not_a_file", `${path} is no regular file (a pipe, a socket or a device).`);
}

function tooLarge(path: string, size: number, maxBytes: number): ToolError {
  return new ToolError(
    "file_too_large",
    `${path} is too large for that: it has ${mebibytes(size)}, and the limit is ${mebibytes(maxBytes)}.`,
  );
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
