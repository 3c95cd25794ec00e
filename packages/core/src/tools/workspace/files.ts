import type { FileHandle } from "node:fs/promises";
import { ToolError } from "../tool-error.ts";
import type { FileBefore } from "../tool.ts";
import { type Entry, entriesIn, entryOf } from "./entry.ts";
import { errnoOf, fileError } from "./file-error.ts";
import { type Anchor, type Folder, systemAnchor } from "./folder.ts";
import { assertReadable, assertWritable } from "./guard.ts";
import { relativePath } from "./path.ts";
import { type FileContent, openRegular, readRegular } from "./regular-file.ts";
import { isSecretPath } from "./sensitive.ts";
import { similarPaths } from "./similar-paths.ts";
import { type Place, type Start, walkToFolder, walkToPlace } from "./walk.ts";
import { type WriteOptions, removeFile, writeFile } from "./write-file.ts";

/** A regular file that was opened to read. */
export interface OpenFile {
  readonly path: string;
  readonly size: number;
  readonly handle: FileHandle;
}

export interface ReadLimits {
  /** Larger files are refused with `file_too_large`. */
  readonly maxBytes: number;
}

/**
 * The one way to the files of a workspace. Every path is checked as text, then walked name by name without the system
 * following links, so it never leaves the folder, even when somebody swaps folders for links meanwhile. Secret paths are
 * neither read nor written, git's own files not written, and nothing is written through a link. Every failure is a ToolError.
 */
export interface WorkspaceFiles {
  readonly root: string;
  /** The real path, relative to the workspace, of something that exists: links that stay inside are resolved. */
  resolve(path: string): Promise<string>;
  stat(path: string): Promise<Entry>;
  /** What stands in a folder, sorted by name, without secrets. */
  list(path: string): Promise<Entry[]>;
  /** The caller closes the handle. */
  open(path: string): Promise<OpenFile>;
  /** A folder to look into or to start a process in. The caller closes it. */
  openFolder(path: string): Promise<Folder>;
  read(path: string, limits: ReadLimits): Promise<FileContent>;
  /** What a change starts from; `bytes` is null where there is no file yet. Fails where a write would be refused. */
  readForChange(path: string, limits: ReadLimits): Promise<FileBefore & { readonly path: string }>;
  /** Replaces a file whole or not at all, making the folders on the way. */
  writeAtomic(path: string, bytes: Buffer, options?: WriteOptions): Promise<void>;
  /** Removes a file, with `expected` only while it still holds that, else `file_changed`. */
  remove(path: string, options?: { readonly expected?: Buffer }): Promise<void>;
}

/** `root` is a real path, as `checkWorkspaceRoot` gives it. Nothing stays open between two calls. */
export function openWorkspaceFiles(root: string, anchor: Anchor = systemAnchor): WorkspaceFiles {
  return new DiskFiles(root, anchor);
}

class DiskFiles implements WorkspaceFiles {
  readonly root: string;
  readonly #reading: Start;
  readonly #writing: Start;

  constructor(root: string, anchor: Anchor) {
    this.root = root;
    this.#reading = { root, anchor, links: "follow" };
    this.#writing = { root, anchor, links: "refuse" };
  }

  async resolve(path: string): Promise<string> {
    return (await this.stat(path)).path;
  }

  stat(path: string): Promise<Entry> {
    return this.#look(path, (place) => entryOf(place));
  }

  async list(path: string): Promise<Entry[]> {
    const relative = this.#readable(path);
    try {
      return await this.#entries(relative);
    } catch (error) {
      throw await this.#explained(error, relative);
    }
  }

  open(path: string): Promise<OpenFile> {
    return this.#look(path, async (place) => {
      const { handle, stats } = await openRegular(place);
      return { path: place.path, size: stats.size, handle };
    });
  }

  async openFolder(path: string): Promise<Folder> {
    const relative = this.#readable(path);
    try {
      return await this.#folder(relative);
    } catch (error) {
      throw await this.#explained(error, relative);
    }
  }

  read(path: string, limits: ReadLimits): Promise<FileContent> {
    return this.#look(path, (place) => readRegular(place, limits.maxBytes));
  }

  async readForChange(path: string, limits: ReadLimits): Promise<FileBefore & { readonly path: string }> {
    const relative = this.#writable(path);
    try {
      return await atPlace(this.#writing, relative, (place) => readRegular(place, limits.maxBytes));
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return { path: relative, bytes: null, mode: 0 };
      throw fileError(error, relative);
    }
  }

  async writeAtomic(path: string, bytes: Buffer, options: WriteOptions = {}): Promise<void> {
    const relative = this.#writable(path);
    try {
      await atPlace({ ...this.#writing, create: true }, relative, (place) => writeFile(place, bytes, options));
    } catch (error) {
      throw fileError(error, relative);
    }
  }

  async remove(path: string, options: { readonly expected?: Buffer } = {}): Promise<void> {
    const relative = this.#writable(path);
    try {
      await atPlace(this.#writing, relative, (place) => removeFile(place, options.expected));
    } catch (error) {
      throw await this.#explained(error, relative);
    }
  }

  /** Checks both the path that was asked for and the one it turned out to be. */
  async #look<T>(path: string, action: (place: Place) => Promise<T>): Promise<T> {
    const relative = this.#readable(path);
    try {
      return await atPlace(this.#reading, relative, (place) => {
        assertReadable(place.path);
        return action(place);
      });
    } catch (error) {
      throw await this.#explained(error, relative);
    }
  }

  async #folder(path: string): Promise<Folder> {
    const folder = await walkToFolder(this.#reading, path);
    if (isSecretPath(folder.path)) await folder.close();
    assertReadable(folder.path);
    return folder;
  }

  async #entries(path: string): Promise<Entry[]> {
    const folder = await this.#folder(path);
    try {
      return await entriesIn(folder);
    } finally {
      await folder.close();
    }
  }

  #readable(path: string): string {
    const relative = relativePath(path, this.root);
    assertReadable(relative);
    return relative;
  }

  #writable(path: string): string {
    const relative = relativePath(path, this.root);
    assertWritable(relative);
    return relative;
  }

  async #explained(error: unknown, path: string): Promise<ToolError> {
    const failure = fileError(error, path);
    if (failure.code !== "path_not_found") return failure;
    const near = await similarPaths((folder) => this.#folder(folder), path);
    if (near.length === 0) return failure;
    return new ToolError(failure.code, `${failure.message} Did you mean ${near.join(" or ")}?`, { cause: error });
  }
}

async function atPlace<T>(start: Start, path: string, action: (place: Place) => Promise<T> | T): Promise<T> {
  const place = await walkToPlace(start, path);
  try {
    return await action(place);
  } finally {
    await place.folder.close();
  }
}
