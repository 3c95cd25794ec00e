import { geteuid } from "node:process";
import { errnoOf } from "../workspace/file-error.ts";
import type { Folder } from "../workspace/folder.ts";
import { lookAt, modeOf } from "./found.ts";
import { setMode } from "./set-mode.ts";

/** Permission bits are no hindrance for this process. */
export const isRoot = geteuid?.() === 0;

/**
 * Opens what a command locked against its owner, so that it can be compared and taken back. Gives the bits it has then; null where
 * that is not needed, or where it belongs to somebody else.
 */
export async function unlock(folder: Folder, name: string, wanted: number): Promise<number | null> {
  const seen = isRoot ? null : await lookAt(folder, name);
  if (seen === null || seen.stats.isSymbolicLink()) return null;
  const mode = modeOf(seen.stats);
  if ((mode & wanted) === wanted) return null;
  try {
    await setMode(folder, name, mode | wanted);
    return mode | wanted;
  } catch (error) {
    if (errnoOf(error) === "EPERM" || errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}
