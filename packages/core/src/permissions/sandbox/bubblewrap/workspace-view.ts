import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { isWithin } from "../../place.ts";
import type { SensitivePlace } from "../sensitive-places.ts";
import { emptyFile, unreadableFile } from "./own-files.ts";

/** The workspace at its real path, to be read and written, but for what is secret or protected in it. */
export async function workspaceView(root: string, places: readonly SensitivePlace[], files: string): Promise<readonly string[]> {
  const guards: Guard[] = [];
  for (const place of places) {
    const guard = await guardOf(root, place);
    if (guard !== null) guards.push(guard);
  }
  // Git's settings are covered after the folder they lie in.
  guards.sort((a, b) => a.path.length - b.path.length);
  return ["--bind", root, root, ...guards.flatMap((guard) => mountOf(guard, files))];
}

interface Guard {
  /** Absolute, no part of it a link. */
  readonly path: string;
  /** It may be read, though not changed. */
  readonly shown: boolean;
  readonly isFolder: boolean;
}

/** A link is guarded where it leads to; out of the workspace there is nothing to be seen. */
async function guardOf(root: string, place: SensitivePlace): Promise<Guard | null> {
  const path = join(root, place.path);
  const shown = place.refused.every((refused) => refused === "write");
  if (place.type !== "link") return { path, shown, isFolder: place.type === "folder" };
  const target = await realpath(path).catch(() => null);
  if (target === null || target === root || !isWithin(root, target)) return null;
  const stats = await stat(target).catch(() => null);
  return stats === null ? null : { path: target, shown, isFolder: stats.isDirectory() };
}

function mountOf({ path, shown, isFolder }: Guard, files: string): readonly string[] {
  if (shown) return ["--ro-bind", path, path];
  if (isFolder) return ["--perms", "0500", "--tmpfs", path, "--remount-ro", path];
  return ["--ro-bind", join(files, path.endsWith("/.git/config") ? emptyFile : unreadableFile), path];
}
