import { chmod, lstat } from "node:fs/promises";
import { errnoOf } from "../workspace/file-error.ts";
import { Folder, systemAnchor } from "../workspace/folder.ts";
import { isGitPath } from "../workspace/sensitive.ts";
import { type Found, type Seen, foundOf, identityOf, look, modeOf } from "./found.ts";
import { isSecret } from "./left-out.ts";
import type { SnapshotLimits } from "./limits.ts";
import type { Manifest } from "./manifest.ts";
import { isRoot, unlock } from "./unlock.ts";
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
    const found = await foundOf(folder, seen);
    if (found === null) return;
    this.found.set(path, found);
    if (found.kind === "folder") await this.#enterBelow(folder, seen, depth);
  }

  async #enterBelow(folder: Folder, seen: Seen, depth: number): Promise<void> {
    const inner = await this.#opened(folder, seen);
    if (inner === null) return;
    try {
      await this.enter(inner, depth + 1);
    } finally {
      await inner.close();
    }
  }

  async #opened(folder: Folder, { name, path, stats }: Seen): Promise<Folder | null> {
    const mode = isOpen(modeOf(stats)) ? null : await unlock(folder, name, 0o700);
    if (mode !== null) this.found.set(path, { kind: "folder", path, mode });
    else if (!isOpen(modeOf(stats)) && !isRoot) {
      this.closed.push(path);
      return null;
    }
    return folder.enter(name);
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

async function openUnlocked(root: string): Promise<Folder> {
  try {
    return await Folder.openRoot(root, systemAnchor);
  } catch (error) {
    if (errnoOf(error) !== "EACCES") throw error;
    await chmod(root, modeOf(await lstat(root, { bigint: true })) | 0o700);
    return Folder.openRoot(root, systemAnchor);
  }
}

/** Its owner can see what is in it. */
function isOpen(mode: number): boolean {
  return (mode & 0o500) === 0o500;
}
