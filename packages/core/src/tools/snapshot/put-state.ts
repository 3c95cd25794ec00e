import { chmod, lstat, mkdir, readlink, rename, rmdir, symlink } from "node:fs/promises";
import { posix } from "node:path";
import { ToolError } from "../tool-error.ts";
import { errnoOf, fileError } from "../workspace/file-error.ts";
import { Folder, systemAnchor } from "../workspace/folder.ts";
import { assertWritable } from "../workspace/guard.ts";
import { isSecretPath } from "../workspace/sensitive.ts";
import { type Place, walkToFolder } from "../workspace/walk.ts";
import { writeFile } from "../workspace/write-file.ts";
import { identityOf, lookAt, modeOf } from "./found.ts";
import { type MovedState, type PathState, isSameState, missing, unkeptOf } from "./path-state.ts";
import { unlocked } from "./unlock.ts";
import { readStill } from "./read-still.ts";

export interface StateChange {
  readonly root: string;
  readonly path: string;
  /** What has to stand there, as `stateAt` gives it. */
  readonly from: PathState;
  readonly to: PathState;
}

/**
 * What stands at a path. Unlike tools, which are given paths by models, this takes every name there can be. `like`: what is
 * expected there, which tells by what something is known whose content is not kept. Throws a ToolError.
 */
export function stateAt(root: string, path: string, like: PathState, maxBytes: number): Promise<PathState> {
  return explained(path, async () => {
    if (path === ".") return rootState(root);
    try {
      return await atPlace(root, path, false, (place) => stateOf(place, like, maxBytes));
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return missing;
      throw error;
    }
  });
}

/** Throws a ToolError `file_changed` where something else stands there by now, and others where it cannot be done. */
export function putState({ root, path, from, to }: StateChange): Promise<void> {
  return explained(path, async () => {
    if (path === ".") return putRoot(root, to);
    if (to.kind === "unkept") throw new ToolError("not_kept", `What was at ${path} was not kept.`);
    assertMayBecome(path, to);
    await atPlace(root, path, to.kind !== "missing", async (place) => {
      if (to.kind === "moved") return moveHere(root, place, to);
      if (from.kind === "moved") return moveBack(root, place, from);
      const now = await stateOf(place, from, Math.max(sizeOf(from), sizeOf(to)));
      if (isSameState(now, to)) return;
      if (now.kind === "folder" && to.kind === "folder") return place.folder.through(place.name, (at) => chmod(at, to.mode));
      if (!isSameState(now, from)) throw changed(path);
      await replace(place, from, to);
    });
  });
}

/** Not for two folders: what is in one is somebody's. */
async function replace({ folder, name, path }: Place, from: PathState, to: PathState): Promise<void> {
  if (from.kind === "folder") await folder.through(name, (at) => rmdir(at));
  else if (from.kind !== "missing" && to.kind !== "file") await folder.remove(name);
  else if (from.kind === "link" || from.kind === "unkept") await folder.remove(name);
  if (to.kind === "folder") {
    await folder.through(name, (at) => mkdir(at));
    await folder.through(name, (at) => chmod(at, to.mode));
  } else if (to.kind === "link") await folder.through(name, (at) => symlink(to.target, at));
  else if (to.kind === "file") {
    const expected = from.kind === "file" ? from.bytes : null;
    await writeFile({ folder, name, path }, to.bytes, { mode: to.mode, expected });
  }
}

function sizeOf(state: PathState): number {
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

async function rootState(root: string): Promise<PathState> {
  const folder = await Folder.openRoot(root, systemAnchor);
  try {
    return { kind: "folder", mode: modeOf(await folder.through(".", (path) => lstat(path, { bigint: true }))) };
  } finally {
    await folder.close();
  }
}

async function putRoot(root: string, to: PathState): Promise<void> {
  if (to.kind !== "folder") throw changed("the workspace folder");
  const folder = await Folder.openRoot(root, systemAnchor);
  try {
    await folder.through(".", (path) => chmod(path, to.mode));
  } finally {
    await folder.close();
  }
}

async function atPlace<T>(root: string, path: string, create: boolean, action: (place: Place) => Promise<T>): Promise<T> {
  const folder = await walkToFolder({ root, anchor: systemAnchor, links: "refuse", create }, posix.dirname(path));
  try {
    return await unlocked(folder, () => action({ folder, name: posix.basename(path), path }));
  } finally {
    await folder.close();
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
