import type { Dirent } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as letOthersWork } from "node:timers/promises";
import { ToolError, isSecretPath } from "../../tools/index.ts";
import { type FolderListing, type Refused, listingOf, localDevice, localListing } from "./folder-listings.ts";

export interface SensitivePlace {
  /** Relative to the workspace, by the names on the way: no part of it is a link but perhaps the last. */
  readonly path: string;
  readonly refused: readonly Refused[];
  readonly type: "file" | "folder" | "link";
  /** What tells it from another thing at the same place. */
  readonly identity: string;
}

const maxNames = 200_000;
const maxPlaces = 2000;
const maxOpenFolders = 16;

export interface SensitivePlaces {
  readonly found: readonly SensitivePlace[];
  /** There were not too many names to look at all of them. */
  readonly complete: boolean;
}

/**
 * The sensitive places of a workspace, those near the top first; nothing below one is looked at. Names in `node_modules` and the
 * like are not seen.
 */
export async function sensitivePlaces(root: string): Promise<SensitivePlaces> {
  return new Walk(root).run();
}

export function tooLargeToGuard(): ToolError {
  const message =
    `The folder has more than ${maxNames} names (or ${maxPlaces} secret or protected ones), too many to guard them. ` +
    "Open a smaller folder, or ask for access: machine.";
  return new ToolError("workspace_too_large", message);
}

/** Milliseconds for which nothing else of the server runs. */
const slice = 3;

class Walk {
  readonly #root: string;
  readonly #waiting: string[] = [""];
  readonly #seen: { readonly path: string; readonly refused: readonly Refused[] }[] = [];
  #names = 0;

  constructor(root: string) {
    this.#root = root;
  }

  get #bounded(): boolean {
    return this.#names <= maxNames && this.#seen.length <= maxPlaces;
  }

  async run(): Promise<SensitivePlaces> {
    const device = await localDevice(this.#root);
    await (device === null ? this.#walkPatiently() : this.#walkAtOnce(device));
    const places = await Promise.all(this.#seen.map(({ path, refused }) => placesAt(this.#root, path, refused)));
    return { found: places.flat(), complete: this.#bounded };
  }

  /** Asking another thread for each folder would take longer than the reading. */
  async #walkAtOnce(device: bigint): Promise<void> {
    let until = performance.now() + slice;
    // What is found on the way is added at the end.
    for (const folder of this.#waiting) {
      if (!this.#bounded) return;
      this.#take(folder, localListing(join(this.#root, folder), device));
      if (performance.now() < until) continue;
      await letOthersWork();
      until = performance.now() + slice;
    }
  }

  /** A disk elsewhere may not answer for long. */
  async #walkPatiently(): Promise<void> {
    while (this.#waiting.length > 0 && this.#bounded) {
      const next = this.#waiting.splice(0, maxOpenFolders);
      const entries = await Promise.all(next.map((path) => namesIn(join(this.#root, path))));
      for (const [index, path] of next.entries()) this.#take(path, listingOf(path, entries[index] ?? []));
    }
  }

  #take(folder: string, { size, sensitive, folders }: FolderListing): void {
    const pathOf = (name: string): string => (folder === "" ? name : `${folder}/${name}`);
    this.#names += size;
    for (const { name, refused } of sensitive) this.#seen.push({ path: pathOf(name), refused });
    for (const name of folders) this.#waiting.push(pathOf(name));
  }
}

/** A folder that was removed meanwhile, or that the server may not read, shows nothing; the command is no better off. */
async function namesIn(folder: string): Promise<readonly Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(() => []);
}

/** Git's settings lie within a place that may be read, and may hold a password. */
async function placesAt(root: string, path: string, refused: readonly Refused[]): Promise<readonly SensitivePlace[]> {
  const place = await placeAt(root, path, refused);
  if (place === null) return [];
  if (refused.includes("read") || place.type !== "folder" || !isSecretPath(`${path}/config`)) return [place];
  const settings = await Promise.all((await gitSettings(root, path)).map((it) => placeAt(root, it, ["read"])));
  return [place, ...settings.filter((it) => it !== null)];
}

/** Of a repository and of the submodules in it. */
async function gitSettings(root: string, repository: string): Promise<readonly string[]> {
  const found = [`${repository}/config`];
  const waiting = [`${repository}/modules`];
  for (const folder of waiting) {
    if (waiting.length > maxPlaces) throw tooLargeToGuard();
    const entries = await namesIn(join(root, folder));
    const isRepository = entries.some(({ name }) => name === "HEAD");
    if (isRepository) found.push(`${folder}/config`);
    for (const entry of entries)
      if (entry.isDirectory() && (!isRepository || entry.name === "modules")) waiting.push(`${folder}/${entry.name}`);
  }
  return found;
}

/** What is there now; null where nothing is. */
export async function placeAt(root: string, path: string, refused: readonly Refused[]): Promise<SensitivePlace | null> {
  const stats = await lstat(join(root, path), { bigint: true }).catch(() => null);
  if (stats === null) return null;
  const type = stats.isSymbolicLink() ? "link" : stats.isDirectory() ? "folder" : "file";
  const target = type === "link" ? await readlink(join(root, path)).catch(() => "") : "";
  return { path, refused, type, identity: `${stats.dev}:${stats.ino}:${target}` };
}
