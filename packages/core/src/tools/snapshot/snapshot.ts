import { posix } from "node:path";
import { hashOf } from "../diff.ts";
import { ToolError } from "../tool-error.ts";
import { errnoOf } from "../workspace/file-error.ts";
import { type Folder, systemAnchor } from "../workspace/folder.ts";
import { walkToFolder } from "../workspace/walk.ts";
import type { Found, FoundFile } from "./found.ts";
import { lookAt } from "./found.ts";
import type { SnapshotLimits } from "./limits.ts";
import { type Now, lookAgain } from "./look-again.ts";
import type { Kept, Manifest } from "./manifest.ts";
import type { Objects } from "./objects.ts";
import { inUndoableOrder } from "./order.ts";
import { type PathState, isSameState, lostFile, missing, unkeptOf } from "./path-state.ts";
import { readStill } from "./read-still.ts";
import { unlock } from "./unlock.ts";
import { isUnchanged } from "./unchanged.ts";

/** What became of one path. `before` is what the snapshot holds, `after` what stood there when it was compared. */
export interface SnapshotChange {
  readonly path: string;
  readonly before: PathState;
  readonly after: PathState;
}

export interface Changes {
  /**
   * In such an order that taking them back from the last to the first gives the workspace as it was. Bytes are read as they are
   * asked for, one file at a time.
   */
  readonly list: AsyncIterable<SnapshotChange>;
  /** Of how many paths it has to be looked whether they changed: no fewer than there are changes. */
  readonly most: number;
  /** Folders in which more was made, or may have changed, than the list says; a person should look there. */
  readonly unseen: readonly string[];
}

/** A workspace as it was at one time. It can be compared until it is given up, by later processes too. */
export interface Snapshot {
  readonly files: number;
  /** What it does not hold. */
  readonly uncovered: readonly string[];
  /** What is different now, whoever changed it. To be asked for when what the command left running is dead. */
  changes(signal: AbortSignal): Promise<Changes>;
  /** Gives it up: what only it holds may be cleared away. */
  release(): Promise<void>;
}

export interface TakenParts {
  readonly root: string;
  readonly manifest: Manifest;
  readonly objects: Objects;
  readonly limits: SnapshotLimits;
  readonly release: () => Promise<void>;
}

export class TakenSnapshot implements Snapshot {
  readonly #parts: TakenParts;

  constructor(parts: TakenParts) {
    this.#parts = parts;
  }

  get files(): number {
    return this.#parts.manifest.kept.size;
  }

  get uncovered(): readonly string[] {
    return this.#parts.manifest.leftOut.map(({ path }) => path);
  }

  release(): Promise<void> {
    return this.#parts.release();
  }

  async changes(signal: AbortSignal): Promise<Changes> {
    const { manifest } = this.#parts;
    const now = await lookAgain({ ...this.#parts, signal });
    const isClosed = (path: string): boolean => now.closed.some((folder) => path.startsWith(`${folder}/`));
    const paths = new Set([...manifest.kept.keys(), ...now.found.keys(), ...now.unkept.keys()]);
    const suspects = [...paths].filter((path) => !isClosed(path) && this.#maySuspect(path, now));
    const ordered = inUndoableOrder(suspects, manifest.kept, now);
    return { list: this.#list(ordered, now, signal), most: ordered.length, unseen: [...now.unseen, ...now.closed] };
  }

  /** False where the path is surely as it was. */
  #maySuspect(path: string, { found, unkept }: Now): boolean {
    const [before, after] = [this.#parts.manifest.kept.get(path), found.get(path)];
    if (before === undefined || after === undefined || unkept.has(path)) return true;
    if (before.kind === "folder") return after.kind !== "folder" || before.mode !== after.mode;
    if (before.kind === "link") return after.kind !== "link" || !before.target.equals(after.target);
    return after.kind !== "file" || before.mode !== after.mode || !isUnchanged(before, after, this.#parts.manifest.at);
  }

  async *#list(paths: readonly string[], now: Now, signal: AbortSignal): AsyncGenerator<SnapshotChange> {
    for (const path of paths) {
      signal.throwIfAborted();
      const kept = this.#parts.manifest.kept.get(path);
      const after = now.unkept.get(path) ?? (await this.#after(now.found.get(path)));
      const before = await this.#before(kept, after);
      if (before !== null && !isSameState(before, after)) yield { path, before, after };
    }
  }

  /** Null: the file has the same bytes and mode, and need not be read. */
  async #before(kept: Kept | undefined, after: PathState): Promise<PathState | null> {
    if (kept === undefined) return missing;
    if (kept.kind === "folder") return { kind: "folder", mode: kept.mode };
    if (kept.kind === "link") return { kind: "link", target: kept.target };
    if (after.kind === "file" && after.mode === kept.mode && hashOf(after.bytes) === kept.hash) return null;
    const bytes = await this.#parts.objects.get(kept.hash);
    return bytes === null ? lostFile(kept.mode) : { kind: "file", mode: kept.mode, bytes };
  }

  async #after(found: Found | undefined): Promise<PathState> {
    if (found === undefined) return missing;
    if (found.kind === "folder") return { kind: "folder", mode: found.mode };
    if (found.kind === "link") return { kind: "link", target: found.target };
    return this.#read(found);
  }

  async #read({ path }: FoundFile): Promise<PathState> {
    const { root } = this.#parts;
    try {
      const folder = await walkToFolder({ root, anchor: systemAnchor, links: "refuse" }, posix.dirname(path));
      try {
        return await this.#readIn(folder, posix.basename(path));
      } finally {
        await folder.close();
      }
    } catch (error) {
      if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return missing;
      throw error;
    }
  }
  async #readIn(folder: Folder, name: string): Promise<PathState> {
    const read = async (): Promise<PathState> => {
      const { found, bytes } = await readStill(folder, name, this.#parts.limits.fileBytes);
      return { kind: "file", mode: found.mode, bytes };
    };
    try {
      return await read();
    } catch (error) {
      const isLocked = errnoOf(error) === "EACCES";
      if (isLocked && (await unlock(folder, name, 0o400)) !== null) return read();
      const seen = await lookAt(folder, name);
      if (seen !== null && (isLocked || error instanceof ToolError)) return unkeptOf(seen.stats);
      throw error;
    }
  }
}
