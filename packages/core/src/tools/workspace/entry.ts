import type { Stats } from "node:fs";
import { errnoOf } from "./file-error.ts";
import type { Folder } from "./folder.ts";
import { below } from "./path.ts";
import { permissions } from "./regular-file.ts";
import { isSecretPath } from "./sensitive.ts";
import type { Place } from "./walk.ts";

/** What stands in a folder. `path` is the real one, relative to the workspace. */
export interface Entry {
  readonly path: string;
  readonly kind: "file" | "folder" | "link" | "other";
  /** Bytes. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
}

/** Sorted by name, without secrets and without what vanished meanwhile. */
export async function entriesIn(folder: Folder): Promise<Entry[]> {
  const names = (await folder.names()).map((entry) => entry.name).toSorted();
  const entries: Entry[] = [];
  for (const name of names) {
    const path = below(folder.path, name);
    const entry = isSecretPath(path) ? null : await entryOrNull({ folder, name, path });
    if (entry !== null) entries.push(entry);
  }
  return entries;
}

export async function entryOf({ folder, name, path }: Place): Promise<Entry> {
  const stats = await folder.stat(name);
  return { path, kind: kindOf(stats), size: stats.size, mode: permissions(stats) };
}

export async function entryOrNull(place: Place): Promise<Entry | null> {
  try {
    return await entryOf(place);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}

function kindOf(stats: Stats): Entry["kind"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  return stats.isSymbolicLink() ? "link" : "other";
}
