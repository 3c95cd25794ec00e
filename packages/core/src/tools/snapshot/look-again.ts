import { chmod, lstat } from "node:fs/promises";
import { errnoOf } from "../workspace/file-error.ts";
import { Folder, systemAnchor } from "../workspace/folder.ts";
import { isGitPath } from "../workspace/sensitive.ts";
import { type Found, type Seen, foundOf, identityOf, look, lookAt, modeOf } from "./found.ts";
import { isSecret } from "./left-out.ts";
import type { SnapshotLimits } from "./limits.ts";
import type { Manifest } from "./manifest.ts";
import { type MovedState, type UnkeptState, unkeptOf } from "./path-state.ts";

/** What a workspace holds after a command. */
export interface Now {
  readonly found: ReadonlyMap<string, Found>;
  /** Things whose content is not looked at. */
  readonly unkept: ReadonlyMap<string, UnkeptState | MovedState>;
  /** Folders that hold more new things than are looked at one by one, or names that are no text. */
  readonly unseen: readonly string[];
  /** Folders the server may not look into: nothing is known of what is in them. */
  readonly closed: readonly string[];
}

export interface Looking {
  readonly root: string;
  readonly manifest: Manifest;
  readonly limits: SnapshotLimits;
  readonly signal: AbortSignal;
}

/**
 * Looks at all that a snapshot held and all that is new, but not at what the snapshot left out. However much a command made, what
 * the snapshot held is looked at. What the command locked against its owner is opened for him again, and counts as it is then.
 */
export async function lookAgain(looking: Looking): Promise<Now> {
  const again = new SecondLook(looking);
  const folder = await openUnlocked(looking.root);
  try {
    const stats = await folder.through(".", (path) => lstat(path, { bigint: true }));
    again.found.set(".", { kind: "folder", path: ".", mode: modeOf(stats) });
    await again.enter(folder, 0);
  } finally {
    await folder.close();
  }
  return again.settle();
}

class SecondLook implements Now {
  readonly found = new Map<string, Found>();
  readonly unkept = new Map<string, UnkeptState | MovedState>();
  readonly unseen: string[] = [];
  readonly closed: string[] = [];
  readonly #looking: Looking;
  readonly #leftOut: ReadonlySet<string>;
  readonly #origins: ReadonlyMap<string, string>;
  /** What may have been moved: where its place is taken, it was given one more name instead. */
  readonly #known: { readonly seen: Seen; readonly state: MovedState }[] = [];
  readonly #standing = new Set<string>();
  #created = 0;

  constructor(looking: Looking) {
    this.#looking = looking;
    this.#leftOut = new Set(looking.manifest.leftOut.map(({ path }) => path));
    this.#origins = new Map(looking.manifest.leftOut.map(({ path, identity }) => [identity, path]));
  }

  async enter(folder: Folder, depth: number): Promise<void> {
    const { limits, signal } = this.#looking;
    const { seen, unsayable } = await look(folder, signal);
    if (unsayable || depth > limits.depth) this.#passOver(folder.path);
    if (depth > limits.depth) return;
    for (const one of seen) {
      if (this.#leftOut.has(one.path)) {
        this.#standing.add(one.path);
        continue;
      }
      const isNew = !this.#looking.manifest.kept.has(one.path);
      if (isNew) this.#created += 1;
      // Nothing is ever written into git's own files, so they could not be taken back one by one.
      if (isNew && isGitPath(one.name)) this.#passOver(one.path);
      else if (isNew && this.#created > limits.created) this.#passOver(folder.path);
      else await this.#visit(folder, one, depth);
    }
  }

  async #visit(folder: Folder, seen: Seen, depth: number): Promise<void> {
    const { path, stats } = seen;
    const origin = stats.isSymbolicLink() ? undefined : this.#origins.get(identityOf(stats));
    if (origin !== undefined) {
      this.#known.push({ seen, state: { kind: "moved", origin, identity: identityOf(stats) } });
      return;
    }
    if (this.#isUnkept(seen)) {
      this.unkept.set(path, unkeptOf(stats));
      return;
    }
    const unlocked = stats.isSymbolicLink() ? seen : await unlock(folder, seen);
    const found = unlocked === null ? null : await foundOf(folder, unlocked);
    if (found === null) return;
    this.found.set(path, found);
    if (found.kind === "folder") await this.#enterBelow(folder, seen, depth);
  }

  async #enterBelow(folder: Folder, { name, path }: Seen, depth: number): Promise<void> {
    try {
      const inner = await folder.enter(name);
      try {
        await this.enter(inner, depth + 1);
      } finally {
        await inner.close();
      }
    } catch (error) {
      if (errnoOf(error) !== "EACCES") throw error;
      this.closed.push(path);
    }
  }

  settle(): Now {
    for (const { seen, state } of this.#known)
      this.unkept.set(seen.path, this.#standing.has(state.origin) ? unkeptOf(seen.stats) : state);
    return this;
  }

  #isUnkept({ path, stats }: Seen): boolean {
    if (stats.isSymbolicLink() || stats.isDirectory()) return false;
    return !stats.isFile() || Number(stats.size) > this.#looking.limits.fileBytes || isSecret(path);
  }

  #passOver(path: string): void {
    if (this.unseen.at(-1) !== path) this.unseen.push(path);
  }
}

async function unlock(folder: Folder, seen: Seen): Promise<Seen | null> {
  const wanted = seen.stats.isDirectory() ? 0o700 : 0o400;
  const mode = modeOf(seen.stats);
  if ((mode & wanted) === wanted) return seen;
  try {
    await folder.through(seen.name, (path) => chmod(path, mode | wanted));
  } catch (error) {
    if (errnoOf(error) !== "EPERM") throw error;
  }
  return lookAt(folder, seen.name);
}

async function openUnlocked(root: string): Promise<Folder> {
  try {
    return await Folder.openRoot(root, systemAnchor);
  } catch (error) {
    if (errnoOf(error) !== "EACCES") throw error;
    await chmod(root, modeOf(await lstat(root, { bigint: true })) | 0o700);
    return Folder.openRoot(root, systemAnchor);
  }
}
