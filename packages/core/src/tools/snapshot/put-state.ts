import { randomBytes } from "node:crypto";
import { lstat, readlink, rename, rmdir, symlink } from "node:fs/promises";
import { ToolError } from "../tool-error.ts";
import { errnoOf, fileError } from "../workspace/file-error.ts";
import { Folder, systemAnchor } from "../workspace/folder.ts";
import { assertWritable } from "../workspace/guard.ts";
import { isSecretPath } from "../workspace/sensitive.ts";
import type { Place } from "../workspace/walk.ts";
import { temporaryFiles, writeFile } from "../workspace/write-file.ts";
import { identityOf, lookAt, modeOf } from "./found.ts";
import { Neighbours } from "./neighbours.ts";
import { type MovedState, type PathState, isSameState, missing, unkeptOf } from "./path-state.ts";
import { readStill } from "./read-still.ts";
import { setMode } from "./set-mode.ts";

type FileState = Extract<PathState, { readonly kind: "file" }>;

/** What has to stand at a path, and what is to stand there. */
export interface Step {
  readonly from: PathState;
  readonly to: PathState;
}

export interface Looking {
  readonly near: Neighbours;
  readonly path: string;
  /** What is expected there, which tells by what something is known whose content is not kept. */
  readonly like: PathState;
  /** Larger files are not read. */
  readonly maxBytes: number;
}

/**
 * Looks at what stands at a path and makes of it what `next` says, which may be asked twice. Gives what had stood there. Unlike
 * tools, which are given paths by models, this takes every name there can be. Throws a ToolError `file_changed` where something
 * else stands there than has to, and others where it cannot be done.
 */
export function changeState(looking: Looking, next: (now: PathState) => Step): Promise<PathState> {
  const { near, path } = looking;
  return explained(path, async () => {
    if (path === ".") return changeRoot(near.root, next);
    try {
      return await near.at(path, false, (place) => changeAt(place, looking, next));
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
      // The folder it belongs in is not there.
      const { from, to } = next(missing);
      assertMayBecome(path, to);
      if (to.kind === "missing" && from.kind !== "moved") return missing;
      return await near.at(path, to.kind !== "missing", (place) => changeAt(place, looking, next));
    }
  });
}

async function changeAt(
  place: Place,
  { near, path, like, maxBytes }: Looking,
  next: (now: PathState) => Step,
): Promise<PathState> {
  const now = await stateOf(place, like, maxBytes);
  const { from, to } = next(now);
  assertMayBecome(path, to);
  if (to.kind === "moved") await moveHere(near.root, place, to);
  else if (from.kind === "moved") await moveBack(near.root, place, from);
  else if (isSameState(now, to)) return now;
  else if (now.kind === "folder" && to.kind === "folder") await setMode(place.folder, place.name, to.mode);
  else if (isSameState(now, from)) await replace(place, from, to);
  else throw changed(path);
  near.changed();
  return now;
}

/**
 * Not for two folders: what is in one is somebody's. What takes another's place is made beside it first, so that a full disk, or
 * the death of the process, leaves the one or the other.
 */
async function replace(place: Place, from: PathState, to: PathState): Promise<void> {
  const { folder, name } = place;
  if (to.kind === "missing") return clear(place, from);
  if (from.kind === "missing") return make(place, to);
  if (from.kind === "file" && to.kind === "file") return write(place, to, from.bytes);
  const beside = { ...place, name: temporaryFiles.replace("*", randomBytes(8).toString("hex")) };
  try {
    await make(beside, to);
    if (!isSameState(await stateOf(place, from, maxBytesOf(from)), from)) throw changed(place.path);
    // Only these two do not give way to what is moved over them.
    if (from.kind === "folder" || to.kind === "folder") await clear(place, from);
    await folder.rename(beside.name, name);
  } catch (error) {
    await clear(beside, to).catch(() => undefined);
    throw error;
  }
}

async function clear({ folder, name }: Place, what: PathState): Promise<void> {
  if (what.kind === "folder") await folder.through(name, (at) => rmdir(at));
  else if (what.kind !== "missing") await folder.remove(name);
}

/** Where nothing stands. */
async function make(place: Place, to: PathState): Promise<void> {
  const { folder, name } = place;
  if (to.kind === "folder") {
    await folder.makeFolder(name);
    await setMode(folder, name, to.mode);
  } else if (to.kind === "link") await folder.through(name, (at) => symlink(to.target, at));
  else if (to.kind === "file") await write(place, to, null);
}

async function write(place: Place, { bytes, mode }: FileState, expected: Buffer | null): Promise<void> {
  await writeFile(place, bytes, { mode, expected, folderSync: "later" });
}

function maxBytesOf(state: PathState): number {
  return state.kind === "file" ? state.bytes.length : 0;
}

async function stateOf({ folder, name, path }: Place, like: PathState, maxBytes: number): Promise<PathState> {
  const seen = await lookAt(folder, name);
  if (seen === null) return missing;
  const { stats } = seen;
  if (like.kind === "moved") return { kind: "moved", origin: like.origin, identity: identityOf(stats) };
  if (stats.isDirectory()) return { kind: "folder", mode: modeOf(stats) };
  if (stats.isSymbolicLink()) return { kind: "link", target: await folder.through(name, (at) => readlink(at, "buffer")) };
  if (like.kind === "unkept" || !stats.isFile() || isSecretPath(path)) return unkeptOf(stats);
  if (Number(stats.size) > maxBytes) return unkeptOf(stats);
  const { found, bytes } = await readStill(folder, name, maxBytes);
  return { kind: "file", mode: found.mode, bytes };
}

async function moveBack(root: string, place: Place, { origin, identity }: MovedState): Promise<void> {
  assertInside(origin);
  await confirm(place, identity);
  await atPlace(root, origin, true, async (to) => {
    if ((await lookAt(to.folder, to.name)) !== null) throw changed(origin);
    await move(place, to);
  });
}

async function moveHere(root: string, place: Place, { origin, identity }: MovedState): Promise<void> {
  assertInside(origin);
  if ((await lookAt(place.folder, place.name)) !== null) throw changed(place.path);
  await atPlace(root, origin, false, async (from) => {
    await confirm(from, identity);
    await move(from, place);
  });
}

async function move(from: Place, to: Place): Promise<void> {
  await from.folder.through(from.name, (source) => to.folder.through(to.name, (target) => rename(source, target)));
}

async function confirm({ folder, name, path }: Place, identity: string): Promise<void> {
  const seen = await lookAt(folder, name);
  if (seen === null || identityOf(seen.stats) !== identity) throw changed(path);
}

async function changeRoot(root: string, next: (now: PathState) => Step): Promise<PathState> {
  const folder = await Folder.openRoot(root, systemAnchor);
  try {
    const now: PathState = { kind: "folder", mode: modeOf(await folder.through(".", (path) => lstat(path, { bigint: true }))) };
    const { to } = next(now);
    if (to.kind !== "folder") throw changed("the workspace folder");
    await folder.chmod(to.mode);
    return now;
  } finally {
    await folder.close();
  }
}

/** For one path that is not the one that is changed. */
async function atPlace(root: string, path: string, create: boolean, action: (place: Place) => Promise<void>): Promise<void> {
  const near = new Neighbours(root, path);
  try {
    await near.at(path, create, action);
    near.changed();
  } finally {
    await near.close();
  }
}

/** Paths come from rows, and rows may come from elsewhere. */
function assertInside(path: string): void {
  const names = path.split("/");
  if (path !== "." && (path.includes("\0") || names.some((name) => name === "" || name === "." || name === "..")))
    throw new ToolError("path_outside_workspace", `${JSON.stringify(path)} is no path in the workspace.`);
}

/** What holds secrets, and git's own files, is taken away or moved back where a command put it, and never written. */
function assertMayBecome(path: string, to: PathState): void {
  if (to.kind === "unkept") throw new ToolError("not_kept", `What was at ${path} was not kept.`);
  if (to.kind !== "missing" && to.kind !== "moved") assertWritable(path);
}

function changed(path: string): ToolError {
  return new ToolError("file_changed", `${path} was changed since.`);
}

async function explained<T>(path: string, action: () => Promise<T>): Promise<T> {
  assertInside(path);
  try {
    return await action();
  } catch (error) {
    if (errnoOf(error) !== "ENOTEMPTY") throw fileError(error, path);
    throw new ToolError("folder_not_empty", `${path} holds something that came later; move that away first.`, { cause: error });
  }
}
