import { posix } from "node:path";
import { errnoOf } from "../workspace/file-error.ts";
import { type Folder, systemAnchor } from "../workspace/folder.ts";
import { type Place, walkToFolder } from "../workspace/walk.ts";
import { lookAt, modeOf } from "./found.ts";

/**
 * Paths of one folder of the workspace that are changed after or beside each other: it is walked to once, opened to its owner
 * where it has to be, and made durable at the end. Whoever has one closes it.
 */
export class Neighbours {
  readonly root: string;
  readonly #path: string;
  #open: Folder | null = null;
  /** Those it was before: somebody may still be at work in them. */
  readonly #past: Folder[] = [];
  /** The bits it is to have again. */
  #locked: number | null = null;
  #hasChanged = false;
  #last: Promise<unknown> = Promise.resolve();

  /** Of the folder that holds the path. */
  constructor(root: string, path: string) {
    this.root = root;
    this.#path = posix.dirname(path);
  }

  /** Errors are those of the system and of the walk. `create`: makes the folders that are missing on the way. */
  async at<T>(path: string, create: boolean, action: (place: Place) => Promise<T>): Promise<T> {
    const folder = await this.#inTurn(() => this.#reach(create));
    const act = (): Promise<T> => action({ folder, name: posix.basename(path), path });
    try {
      return await act();
    } catch (error) {
      if (errnoOf(error) !== "EACCES" || !(await this.#inTurn(() => this.#unlock(folder)))) throw error;
      return await act();
    }
  }

  /** Something in the folder is another than before. */
  changed(): void {
    this.#hasChanged = true;
  }

  /** To be called when nothing of `at` goes on any more. */
  async close(): Promise<void> {
    const folder = this.#open;
    try {
      if (this.#locked !== null) await folder?.chmod(this.#locked);
      if (this.#hasChanged) await folder?.sync();
    } finally {
      await Promise.all([...this.#past, ...(folder === null ? [] : [folder])].map((one) => one.close()));
    }
  }

  /** Between two of its files somebody may have moved it, also out of the workspace: then what stands there now is walked to. */
  async #reach(create: boolean): Promise<Folder> {
    const known = this.#open;
    if (known !== null && (await known.isInPlace())) return known;
    if (known !== null) this.#past.push(known);
    if (known !== null && this.#locked !== null) await known.chmod(this.#locked);
    [this.#open, this.#locked] = [null, null];
    return (this.#open = await walkToFolder({ root: this.root, anchor: systemAnchor, links: "refuse", create }, this.#path));
  }

  /** As its owner may allow himself. False where that is of no use. */
  async #unlock(folder: Folder): Promise<boolean> {
    const seen = folder === this.#open ? await lookAt(folder, ".") : null;
    if (seen === null) return false;
    const mode = modeOf(seen.stats);
    if ((mode & 0o300) === 0o300) return this.#locked !== null;
    await folder.chmod(mode | 0o300);
    this.#locked = mode;
    return true;
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#last.then(action, action);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
