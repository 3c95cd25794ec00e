import { isUtf8 } from "node:buffer";
import { type BigIntStats, constants } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { errnoOf } from "../workspace/file-error.ts";
import type { Folder } from "../workspace/folder.ts";
import { below } from "../workspace/path.ts";

export interface FoundFile {
  readonly kind: "file";
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  /** As long as it is the same, so are the bytes: nobody but the system sets the time of change. */
  readonly stamp: string;
  readonly identity: string;
  /** When anything of the file last changed, in milliseconds. */
  readonly changedAt: number;
}

export interface FoundFolder {
  readonly kind: "folder";
  readonly path: string;
  readonly mode: number;
}

export interface FoundLink {
  readonly kind: "link";
  readonly path: string;
  /** As it is written, which need not be text. */
  readonly target: Buffer;
}

/** What stands at a path of the workspace. */
export type Found = FoundFile | FoundFolder | FoundLink;

/** A name in a folder, and what the system says of it. */
export interface Seen {
  readonly name: string;
  readonly path: string;
  readonly stats: BigIntStats;
}

/** Calls of the file system under way at the same time. */
const atOnce = 64;

export interface FolderContent {
  /** In the order of their names. */
  readonly seen: readonly Seen[];
  /** There are more, whose names are no text. */
  readonly unsayable: boolean;
}

export async function look(folder: Folder, signal: AbortSignal): Promise<FolderContent> {
  const names = await folder.through(".", (path) => readdir(path, { encoding: "buffer" }));
  const sayable = names.filter((name) => isUtf8(name));
  const sorted = sayable.map((name) => name.toString("utf8")).toSorted();
  const seen: Seen[] = [];
  for (let at = 0; at < sorted.length; at += atOnce) {
    signal.throwIfAborted();
    const some = await Promise.all(sorted.slice(at, at + atOnce).map((name) => lookAt(folder, name)));
    seen.push(...some.filter((one) => one !== null));
  }
  return { seen, unsayable: sayable.length < names.length };
}

/** Null: nothing of that name is there (any more). */
export async function lookAt(folder: Folder, name: string): Promise<Seen | null> {
  try {
    const stats = await folder.through(name, (path) => lstat(path, { bigint: true }));
    return { name, path: below(folder.path, name), stats };
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** Null for what is neither, or has become something else since it was seen. */
export async function foundOf(folder: Folder, { name, path, stats }: Seen): Promise<Found | null> {
  const mode = modeOf(stats);
  if (stats.isDirectory()) return { kind: "folder", path, mode };
  if (stats.isFile()) return fileOf(path, stats);
  if (!stats.isSymbolicLink()) return null;
  try {
    return { kind: "link", path, target: await folder.through(name, (link) => readlink(link, "buffer")) };
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "EINVAL") return null;
    throw error;
  }
}

export function fileOf(path: string, stats: BigIntStats): FoundFile {
  const [stamp, identity] = [stampOf(stats), identityOf(stats)];
  return { kind: "file", path, mode: modeOf(stats), size: Number(stats.size), stamp, identity, changedAt: Number(stats.ctimeMs) };
}

export function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}

/** Which thing it is, wherever it is moved. */
export function identityOf({ dev, ino, birthtimeNs, mode }: BigIntStats): string {
  return [dev, ino, birthtimeNs, Number(mode) & constants.S_IFMT].join(":");
}

/** Permission bits. */
export function modeOf({ mode }: BigIntStats): number {
  return Number(mode) & 0o7777;
}
