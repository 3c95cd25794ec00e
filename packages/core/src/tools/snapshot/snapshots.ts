import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { hashOf } from "../diff.ts";
import { type Coverage, Keeper } from "./keeper.ts";
import { type SnapshotLimits, snapshotLimits } from "./limits.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * Workspaces as they were before commands ran in them. What is held is told by its bytes: each is kept once, and only what has
 * changed since the last time is read. Held are files (bytes and permission bits), folders (permission bits) and links (where they
 * lead); not owners, times or extended attributes, and of a file with several names each as a file of its own.
 */
export interface Snapshots {
  /** Whether one could be taken of this real path, and what it would not hold; answered from memory for a few seconds. */
  coverage(root: string, signal: AbortSignal): Promise<Coverage>;
  /**
   * Takes one, kept on disk under this name until it is given up. Throws a ToolError `not_covered` that tells a person why there
   * cannot be one.
   */
  take(root: string, name: string, signal: AbortSignal): Promise<Snapshot>;
  /** One that was not given up, also by a process that died; null where there is none. */
  reopen(root: string, name: string): Promise<Snapshot | null>;
}

export interface SnapshotOptions {
  /** Nobody else may use it while this process lives. */
  readonly folder: string;
  readonly limits?: Partial<SnapshotLimits>;
}

/** Workspaces without a command for so long, in milliseconds, are forgotten. */
const longest = 30 * 24 * 60 * 60_000;

export async function openSnapshots({ folder, limits = {} }: SnapshotOptions): Promise<Snapshots> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await forgetUnused(folder);
  const keepers = new Map<string, Keeper>();
  const keeperOf = (root: string): Keeper => {
    const known = keepers.get(root);
    if (known !== undefined) return known;
    const place = join(folder, hashOf(Buffer.from(root)).slice(0, 32));
    const keeper = new Keeper(place, root, { ...snapshotLimits, ...limits });
    keepers.set(root, keeper);
    return keeper;
  };
  return {
    coverage: (root, signal) => keeperOf(root).coverage(signal),
    take: (root, name, signal) => keeperOf(root).take(name, signal),
    reopen: (root, name) => keeperOf(root).reopen(name),
  };
}

async function forgetUnused(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const place = join(folder, name);
    if (Date.now() - (await stat(place)).mtimeMs > longest) await rm(place, { recursive: true, force: true });
  }
}
