import type { BigIntStats } from "node:fs";
import { lstat } from "node:fs/promises";
import { ToolError } from "../tool-error.ts";
import { errnoOf } from "../workspace/file-error.ts";
import { Folder, systemAnchor } from "../workspace/folder.ts";
import { type Found, type Seen, foundOf, identityOf, look, modeOf } from "./found.ts";
import { isLeftOut, isRebuildable } from "./left-out.ts";
import type { SnapshotLimits } from "./limits.ts";

/** What a snapshot would hold of a workspace, by names, kinds and sizes. Folders stand before what is in them. */
export interface Survey {
  readonly found: readonly Found[];
  /** What it would not hold: files and folders, each with all that is below it. */
  readonly leftOut: readonly LeftOut[];
  readonly files: number;
  readonly bytes: number;
}

export interface LeftOut {
  readonly path: string;
  readonly identity: string;
}

/** Looks at everything, reads nothing, follows no link. Throws a ToolError `not_covered` that says what is too much. */
export async function survey(root: string, limits: SnapshotLimits, signal: AbortSignal): Promise<Survey> {
  const folder = await Folder.openRoot(root, systemAnchor);
  try {
    const stats = await folder.through(".", (path) => lstat(path, { bigint: true }));
    const surveyor = new Surveyor(limits, stats, signal);
    await surveyor.enter(folder, 0);
    return surveyor.survey();
  } finally {
    await folder.close();
  }
}

export function notCovered(why: string): ToolError {
  return new ToolError("not_covered", why);
}

class Surveyor {
  readonly #limits: SnapshotLimits;
  readonly #device: bigint;
  readonly #signal: AbortSignal;
  readonly #leftOut: LeftOut[] = [];
  /** Files with several names: all of these have to be here, else a command reaches what is elsewhere. */
  readonly #named = new Map<string, { readonly names: bigint; readonly identity: string; paths: readonly string[] }>();
  /** Folders that can be built again, from the outside in, and what had been counted before them. */
  readonly #shares: { readonly path: string; readonly files: number; readonly bytes: number }[] = [];
  #found: Found[];
  #files = 0;
  #bytes = 0;

  constructor(limits: SnapshotLimits, root: BigIntStats, signal: AbortSignal) {
    this.#limits = limits;
    this.#device = root.dev;
    this.#found = [{ kind: "folder", path: ".", mode: modeOf(root) }];
    this.#signal = signal;
  }

  async enter(folder: Folder, depth: number): Promise<void> {
    const { path } = folder;
    if (depth > this.#limits.depth) throw notCovered(`${path} lies more than ${this.#limits.depth} folders deep.`);
    const { seen, unsayable } = await look(folder, this.#signal);
    if (unsayable && path === ".") throw notCovered("A name in the workspace folder is not valid text (UTF-8).");
    if (unsayable) throw new CannotHold(path);
    for (const one of seen) await this.#visit(folder, one, depth);
  }

  survey(): Survey {
    const partly = [...this.#named.values()].filter(({ names, paths }) => names > BigInt(paths.length));
    for (const { identity, paths } of partly) for (const path of paths) this.#leaveOut({ path, identity });
    const elsewhere = new Set(partly.flatMap(({ paths }) => paths));
    const found = this.#found.filter(({ path }) => !elsewhere.has(path));
    const leftOut = this.#leftOut.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    return { found, leftOut, files: this.#files, bytes: this.#bytes };
  }

  async #visit(folder: Folder, seen: Seen, depth: number): Promise<void> {
    const { path, stats } = seen;
    if (isLeftOut(path, stats, { device: this.#device, fileBytes: this.#limits.fileBytes }))
      return this.#leaveOut({ path, identity: identityOf(stats) });
    const found = await foundOf(folder, seen);
    if (found === null) return;
    this.#found.push(found);
    if (found.kind === "folder") await this.#enterBelow(folder, seen, depth);
    else this.#count(path, stats);
  }

  /** All of a folder or nothing: one that cannot be held is left out as a whole. */
  async #enterBelow(folder: Folder, { name, path, stats }: Seen, depth: number): Promise<void> {
    const [found, files, bytes, leftOut] = [this.#found.length - 1, this.#files, this.#bytes, this.#leftOut.length];
    if (isRebuildable(path)) this.#shares.push({ path, files, bytes });
    try {
      const inner = await folder.enter(name);
      try {
        await this.enter(inner, depth + 1);
      } finally {
        await inner.close();
      }
    } catch (error) {
      if (!isAbout(error, path)) throw error;
      this.#found = this.#found.slice(0, found);
      [this.#files, this.#bytes, this.#leftOut.length] = [files, bytes, leftOut];
      for (const named of this.#named.values()) named.paths = named.paths.filter((one) => !one.startsWith(`${path}/`));
      this.#leaveOut({ path, identity: identityOf(stats) });
    } finally {
      if (this.#shares.at(-1)?.path === path) this.#shares.pop();
    }
  }

  #count(path: string, stats: BigIntStats): void {
    const { files, bytes, rebuildable } = this.#limits;
    this.#files += 1;
    if (stats.isFile()) this.#bytes += Number(stats.size);
    for (const share of this.#shares) {
      const isMore = this.#files - share.files > rebuildable.files || this.#bytes - share.bytes > rebuildable.bytes;
      if (isMore) throw new CannotHold(share.path);
    }
    if (this.#files > files) throw notCovered(`The folder has more than ${files.toLocaleString("en")} files.`);
    if (this.#bytes > bytes) throw notCovered(`The files together have more than ${Math.round(bytes / 1024 / 1024)} MiB.`);
    if (!stats.isFile() || stats.nlink === 1n) return;
    const identity = identityOf(stats);
    const paths = this.#named.get(identity)?.paths ?? [];
    this.#named.set(identity, { names: stats.nlink, identity, paths: [...paths, path] });
  }

  #leaveOut(one: LeftOut): void {
    this.#leftOut.push(one);
    if (this.#leftOut.length > this.#limits.leftOut)
      throw notCovered(`More than ${this.#limits.leftOut} places in the folder cannot be kept.`);
  }
}

/** Why a folder cannot be held: a name in it is no text, or it can be built again and is large. */
class CannotHold extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`${path} cannot be held`);
    this.path = path;
  }
}

function isAbout(error: unknown, path: string): boolean {
  if (error instanceof CannotHold) return error.path === path;
  return errnoOf(error) === "EACCES" || errnoOf(error) === "EPERM" || errnoOf(error) === "ENOENT";
}
