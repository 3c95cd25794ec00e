import { constants, existsSync } from "node:fs";
import type { Stats } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, readlink, realpath, rename, unlink } from "node:fs/promises";
import { ToolError } from "../tool-error.ts";
import { errnoOf } from "./file-error.ts";
import { below } from "./path.ts";

/**
 * How a name below an open folder is reached. `procfs`: through the folder's own handle, so whatever is put in the place of
 * its path meanwhile is never seen. `realpath`, where there is no `/proc`: by its path, which is checked before and after.
 */
export type Anchor = "procfs" | "realpath";

export const systemAnchor: Anchor = existsSync("/proc/self/fd") ? "procfs" : "realpath";

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** An open folder of the workspace that was reached without passing a link. Its owner closes it. Errors are those of the system. */
export class Folder {
  /** Relative to the workspace, `.` for the workspace itself. */
  readonly path: string;
  readonly #absolute: string;
  readonly #handle: FileHandle;
  readonly #anchor: Anchor;

  private constructor(place: { readonly path: string; readonly absolute: string }, handle: FileHandle, anchor: Anchor) {
    this.path = place.path;
    this.#absolute = place.absolute;
    this.#handle = handle;
    this.#anchor = anchor;
  }

  /** `root` is a real path. Throws a ToolError `workspace_gone` where it is no folder (any more). */
  static async openRoot(root: string, anchor: Anchor): Promise<Folder> {
    try {
      return new Folder({ path: ".", absolute: root }, await open(root, folderFlags), anchor);
    } catch (error) {
      if (gone.has(errnoOf(error) ?? "")) throw workspaceGone(error);
      throw error;
    }
  }

  /** Fails with ENOTDIR or ELOOP when the name is a link. */
  async enter(name: string): Promise<Folder> {
    await this.#confirm();
    const place = { path: below(this.path, name), absolute: below(this.#absolute, name) };
    const child = new Folder(place, await open(this.#at(name), folderFlags), this.#anchor);
    try {
      await child.#confirm();
      return child;
    } catch (error) {
      await child.close();
      throw error;
    }
  }

  /** Opens a file in this folder, never through a link, never waiting for the other end of a pipe. */
  async open(name: string, flags: number, mode?: number): Promise<FileHandle> {
    await this.#confirm();
    const handle = await open(this.#at(name), flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, mode);
    try {
      await this.#confirm();
      if (this.#anchor === "realpath" && !sameFile(await handle.stat(), await lstat(this.#at(name)))) throw moved(this.path);
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  stat(name: string): Promise<Stats> {
    return this.#guarded(() => lstat(this.#at(name)));
  }

  /** Where a link leads, as it is written. Fails with EINVAL when the name is no link. */
  readLink(name: string): Promise<string> {
    return this.#guarded(() => readlink(this.#at(name)));
  }

  names() {
    return this.#guarded(() => readdir(this.#at("."), { withFileTypes: true }));
  }

  /** Any other call on a name in this folder (`.` is the folder itself). It must not follow a link that stands there. */
  through<T>(name: string, call: (path: string) => Promise<T>): Promise<T> {
    return this.#guarded(() => call(this.#at(name)));
  }

  /** The path it was reached by still leads to it: nobody has moved or removed it, or a folder above it. */
  async isInPlace(): Promise<boolean> {
    if (this.#anchor === "procfs") return (await readlink(`/proc/self/fd/${this.#handle.fd}`)) === this.#absolute;
    return this.#confirm().then(
      () => true,
      () => false,
    );
  }

  /** Sets the permission bits of this folder itself. */
  chmod(mode: number): Promise<void> {
    return this.#handle.chmod(mode);
  }

  makeFolder(name: string): Promise<void> {
    return this.#guarded(() => mkdir(this.#at(name)));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#guarded(() => rename(this.#at(from), this.#at(to)));
  }

  remove(name: string): Promise<void> {
    return this.#guarded(() => unlink(this.#at(name)));
  }

  /** Makes the names in this folder durable. */
  sync(): Promise<void> {
    return this.#handle.sync();
  }

  /** The working directory to start a child process in. Valid while this folder is open. */
  get workingDirectory(): string {
    return this.#anchor === "procfs" ? `/proc/${process.pid}/fd/${this.#handle.fd}` : this.#absolute;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #at(name: string): string {
    return this.#anchor === "procfs" ? `/proc/self/fd/${this.#handle.fd}/${name}` : below(this.#absolute, name);
  }

  async #guarded<T>(action: () => Promise<T>): Promise<T> {
    await this.#confirm();
    const result = await action();
    await this.#confirm();
    return result;
  }

  /** Without a handle to go through: the path must still lead, over no link, to the folder that was opened. */
  async #confirm(): Promise<void> {
    if (this.#anchor === "procfs") return;
    const [real, named, opened] = [await realpath(this.#absolute), await lstat(this.#absolute), await this.#handle.stat()];
    if (real !== this.#absolute || !sameFile(named, opened)) throw moved(this.path);
  }
}

const gone = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

function workspaceGone(cause: unknown): ToolError {
  const message = "The folder of this session is not there any more. Put it back, or start a session on another folder.";
  return new ToolError("workspace_gone", message, { cause });
}

function sameFile(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

function moved(path: string): ToolError {
  return new ToolError("path_outside_workspace", `${path} was replaced while it was in use; nothing was read from it.`);
}
