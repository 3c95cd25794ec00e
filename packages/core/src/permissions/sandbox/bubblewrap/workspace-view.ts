import type { Stats } from "node:fs";
import { lchown, lstat, mkdir, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { type SessionCommand, openWorkspaceFiles } from "../../../tools/index.ts";
import { isWithin } from "../../place.ts";
import type { SensitivePlace } from "../sensitive-places.ts";
import { emptyFile, unreadableFile } from "./own-files.ts";

type Folder = Pick<SessionCommand, "root" | "readOnly">;

/** The workspace at its real path, to be read and written, but for what is secret, protected or read-only in it. */
export async function workspaceView(
  { root, readOnly = [] }: Folder,
  places: readonly SensitivePlace[],
  files: string,
): Promise<readonly string[]> {
  const guards: Guard[] = [];
  for (const place of places) {
    const guard = await guardOf(root, place);
    if (guard !== null) guards.push(guard);
  }
  const guarded = new Set(guards.map(({ path }) => path));
  const kept = readOnly.filter((path) => path !== "." && !guarded.has(join(root, path)));
  for (const path of kept) guards.push(...(await keptAt(root, path)));
  // What lies within another place is covered after it.
  guards.sort((a, b) => a.path.length - b.path.length);
  const whole = readOnly.includes(".") ? "--ro-bind" : "--bind";
  return [whole, root, root, ...guards.flatMap((guard) => mountOf(guard, files))];
}

interface Guard {
  /** Absolute, no part of it a link. */
  readonly path: string;
  /** It may be read, though not changed; or it is empty and what is written there is gone with the command. */
  readonly shown: boolean | "scratch";
  readonly isFolder: boolean;
}

/** Where test runners and bundlers keep what they can make again; they do not start where they cannot. */
const caches = [".cache", ".vite", ".vite-temp", ".vitest"];
const scratchBytes = 256 * 1024 * 1024;

async function keptAt(root: string, relative: string): Promise<readonly Guard[]> {
  const path = join(root, relative);
  const stats = await lstat(path).catch(() => null);
  if (stats === null || stats.isSymbolicLink()) return [];
  const folder: Guard = { path, shown: true, isFolder: stats.isDirectory() };
  if (basename(path) !== "node_modules" || !stats.isDirectory()) return [folder];
  const opened = await openWorkspaceFiles(root).openFolder(relative);
  try {
    const made = await Promise.all(caches.map((name) => makeFolder(`${opened.workingDirectory}/${name}`, stats)));
    const there = caches.filter((_, index) => made[index] === true);
    return [folder, ...there.map((name): Guard => ({ path: join(path, name), shown: "scratch", isFolder: true }))];
  } finally {
    await opened.close();
  }
}

/**
 * A folder has to be there for another to be put over it; it belongs to whom the one around it belongs to. It is made through the
 * open folder: what is put in the place of that meanwhile is not touched.
 */
async function makeFolder(path: string, { uid, gid }: Pick<Stats, "uid" | "gid">): Promise<boolean> {
  try {
    await mkdir(path);
    await lchown(path, uid, gid);
    return true;
  } catch (error) {
    return isErrno(error, "EEXIST") && (await lstat(path)).isDirectory();
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
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

const gitSettings = /\/\.git\/(?:modules\/.+\/)?config$/;

function mountOf({ path, shown, isFolder }: Guard, files: string): readonly string[] {
  if (shown === "scratch") return ["--perms", "0777", "--size", String(scratchBytes), "--tmpfs", path];
  if (shown) return ["--ro-bind", path, path];
  if (isFolder) return ["--perms", "0500", "--tmpfs", path, "--remount-ro", path];
  return ["--ro-bind", join(files, gitSettings.test(path) ? emptyFile : unreadableFile), path];
}
