import { execFile } from "node:child_process";
import { lstat, mkdtemp, readFile, readdir, readlink, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Neighbours } from "./neighbours.ts";
import type { PathState } from "./path-state.ts";
import { changeState } from "./put-state.ts";
import type { Snapshot, SnapshotChange } from "./snapshot.ts";
import { type Snapshots, type SnapshotOptions, openSnapshots } from "./snapshots.ts";

export interface Scene {
  readonly root: string;
  readonly store: string;
  open(limits?: SnapshotOptions["limits"]): Promise<Snapshots>;
  remove(): Promise<void>;
}

export async function newScene(): Promise<Scene> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "snapshot-")));
  const [root, store] = [join(base, "workspace"), join(base, "store")];
  await bash(base, "mkdir workspace");
  return {
    root,
    store,
    open: (limits) => openSnapshots({ folder: store, ...(limits === undefined ? {} : { limits }) }),
    remove: async () => {
      await bash(base, "chmod -R u+rwX .");
      await rm(base, { recursive: true, force: true });
    },
  };
}

export const never = new AbortController().signal;

export async function bash(folder: string, script: string): Promise<void> {
  await promisify(execFile)("bash", ["-c", script], { cwd: folder, timeout: 60_000 });
}

/** Everything there is in a folder, as text that can be compared: kinds, bits, bytes, where links lead. */
export async function treeOf(root: string): Promise<readonly string[]> {
  return (await linesOf(Buffer.from(root), ".")).toSorted();
}

async function linesOf(path: Buffer, shown: string): Promise<readonly string[]> {
  const stats = await seen(lstat(path));
  if (stats === null) return [`${shown} locked`];
  const content = stats.isFile() ? readFile(path) : stats.isSymbolicLink() ? readlink(path, "buffer") : Buffer.of();
  const line = `${shown} ${stats.mode.toString(8)} ${(await seen(content))?.toString("base64")}`;
  const names = stats.isDirectory() ? ((await seen(readdir(path, { encoding: "buffer" }))) ?? []) : [];
  const below = names.map((name) =>
    linesOf(Buffer.concat([path, Buffer.from("/"), name]), `${shown}/${name.toString("latin1")}`),
  );
  return [line, ...(await Promise.all(below)).flat()];
}

/** Null for what this process may not look at. */
async function seen<T>(looking: T | Promise<T>): Promise<T | null> {
  try {
    return await looking;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EACCES") return null;
    throw error;
  }
}

export async function changesOf(snapshot: Snapshot): Promise<readonly SnapshotChange[]> {
  const changes: SnapshotChange[] = [];
  for await (const change of (await snapshot.changes(never)).list) changes.push(change);
  return changes;
}

export async function put(root: string, path: string, from: PathState, to: PathState): Promise<void> {
  const near = new Neighbours(root, path);
  try {
    await changeState({ near, path, like: from, maxBytes: 64 * 1024 * 1024 }, () => ({ from, to }));
  } finally {
    await near.close();
  }
}

/** As a person takes all of a command's changes back. */
export async function takeBack(root: string, changes: readonly SnapshotChange[]): Promise<void> {
  for (const { path, before, after } of changes.toReversed()) await put(root, path, after, before);
}
