import { posix } from "node:path";
import { ToolError } from "../tool-error.ts";
import { errnoOf } from "../workspace/file-error.ts";
import { systemAnchor } from "../workspace/folder.ts";
import { walkToFolder } from "../workspace/walk.ts";
import type { FoundFile } from "./found.ts";
import type { KeptFile } from "./manifest.ts";
import type { Objects } from "./objects.ts";
import { readStill } from "./read-still.ts";
import { notCovered } from "./survey.ts";

export interface Reading {
  readonly root: string;
  readonly objects: Objects;
  readonly fileBytes: number;
  readonly signal: AbortSignal;
  /** A file whose bytes are kept now. */
  readonly kept: (file: KeptFile) => void;
  /** One that cannot be read, or has grown too large. */
  readonly leftOut: (file: FoundFile) => void;
}

/** Files that are read at the same time; each may be as large as the largest. */
const atOnce = 6;
/** Files of one folder that are read one after the other while it is open. */
const batch = 32;

/** Reads files and keeps their bytes. What vanished meanwhile is passed over. */
export async function readFiles(files: readonly FoundFile[], reading: Reading): Promise<void> {
  const batches = batchesOf(files).values();
  const work = async (): Promise<void> => {
    for (const one of batches) await readBatch(one, reading);
  };
  const done = await Promise.allSettled(Array.from({ length: atOnce }, work));
  for (const result of done) if (result.status === "rejected") throw result.reason;
}

function batchesOf(files: readonly FoundFile[]): readonly (readonly FoundFile[])[] {
  const byFolder = new Map<string, FoundFile[]>();
  for (const file of files) {
    const folder = posix.dirname(file.path);
    const all = byFolder.get(folder) ?? [];
    all.push(file);
    byFolder.set(folder, all);
  }
  return [...byFolder.values()].flatMap((all) =>
    Array.from({ length: Math.ceil(all.length / batch) }, (_, index) => all.slice(index * batch, (index + 1) * batch)),
  );
}

async function readBatch(files: readonly FoundFile[], reading: Reading): Promise<void> {
  const { root, signal } = reading;
  const path = posix.dirname(files[0]?.path ?? ".");
  try {
    const folder = await walkToFolder({ root, anchor: systemAnchor, links: "refuse" }, path);
    try {
      for (const file of files) {
        signal.throwIfAborted();
        await readOne(file, reading, () => readStill(folder, posix.basename(file.path), reading.fileBytes));
      }
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!hasVanished(error)) throw error;
  }
}

async function readOne(file: FoundFile, reading: Reading, read: () => ReturnType<typeof readStill>): Promise<void> {
  try {
    const { found, bytes } = await read();
    const { kind, path, mode, size, stamp, changedAt } = found;
    reading.kept({ kind, path, mode, size, stamp, changedAt, hash: await reading.objects.put(bytes) });
  } catch (error) {
    if (hasVanished(error)) return;
    const code = error instanceof ToolError ? error.code : errnoOf(error);
    if (code === "file_too_large" || code === "EACCES" || code === "EPERM") return reading.leftOut(file);
    if (code === "file_changed") throw notCovered(`${file.path} is being written all the time.`);
    throw error;
  }
}

/** Gone, or something else by now: somebody else is at work in the workspace. */
function hasVanished(error: unknown): boolean {
  const code = error instanceof ToolError ? error.code : errnoOf(error);
  return code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP" || code === "path_is_symlink" || code === "path_not_a_file";
}
