import type { Stats } from "node:fs";
import { lchown, lstat, mkdir, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { SessionCommand } from "../../../tools/index.ts";
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
  for (const path of kept) guards.push(...(await keptAt(join(root, path))));
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

async function keptAt(path: string): Promise<readonly Guard[]> {
  const stats = await lstat(path).catch(() => null);
  if (stats === null || stats.isSymbolicLink()) return [];
  const folder: Guard = { path, shown: true, isFolder: stats.isDirectory() };
  if (basename(path) !== "node_modules" || !stats.isDirectory()) return [folder];
  const made = await Promise.all(caches.map((name) => scratchIn(path, name, stats)));
  return [folder, ...made.flatMap((guard) => guard ?? [])];
}

/** A folder has to be there for another to be put over it; it belongs to whom the one around it belongs to. */
async function scratchIn(folder: string, name: string, { uid, gid }: Pick<Stats, "uid" | "gid">): Promise<Guard | null> {
  const path = join(folder, name);
  try {
    await mkdir(path);
    await lchown(path, uid, gid);
  } catch (error) {
    if (!isErrno(error, "EEXIST") || !(await lstat(path)).isDirectory()) return null;
  }
  return { path, shown: "scratch", isFolder: true };
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

function mountOf({ path, shown, isFolder }: Guard, files: string): readonly string[] {
  if (shown === "scratch") return ["--perms", "0777", "--size", String(scratchBytes), "--tmpfs", path];
  if (shown) return ["--ro-bind", path, path];
  if (isFolder) return ["--perms", "0500", "--tmpfs", path, "--remount-ro", path];
  return ["--ro-bind", join(files, path.endsWith("/.git/config") ? emptyFile : unreadableFile), path];
}
