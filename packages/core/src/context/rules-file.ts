import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Workspace } from "../tools/index.ts";

const fileName = "AGENTS.md";
const maxBytes = 32 * 1024;

/**
 * The rules file of a workspace: `AGENTS.md` at its root, a regular file, never through a link, its first 32 KiB.
 * Null where there is none, and always where the workspace is not trusted: its text would speak to the model.
 */
export async function readRulesFile(
  workspace: Workspace | null,
): Promise<{ readonly path: string; readonly text: string } | null> {
  if (workspace?.trusted !== true) return null;
  const bytes = await readRegular(join(workspace.root, fileName));
  if (bytes === null) return null;
  const cut = bytes.length > maxBytes;
  // A character that the limit cuts in two is left out, not replaced.
  const text = new TextDecoder().decode(bytes.subarray(0, maxBytes), { stream: cut });
  return { path: fileName, text: cut ? `${text}\n[… cut after ${maxBytes / 1024} KiB …]` : text };
}

/** At most one byte more than the limit; null for anything that is no readable regular file. Never waits on a pipe. */
async function readRegular(path: string): Promise<Buffer | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) return null;
      const { bytesRead, buffer } = await file.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

const absent = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EMLINK", "EISDIR", "EACCES", "ENXIO"]);

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && absent.has(error.code);
}
