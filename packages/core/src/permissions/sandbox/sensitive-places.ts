import type { Dirent } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { ToolError, isProtectedPath, isSecretPath } from "../../tools/index.ts";

/**
 * What a command may not do there. `read`: a secret. `write`: it decides what runs later. `reach`: a socket or pipe, behind which
 * a process of the machine may listen.
 */
type Refused = "read" | "write" | "reach";

export interface SensitivePlace {
  /** Relative to the workspace, by the names on the way: no part of it is a link but perhaps the last. */
  readonly path: string;
  readonly refused: readonly Refused[];
  readonly type: "file" | "folder" | "link";
  /** What tells it from another thing at the same place. */
  readonly identity: string;
}

/** Folders of what others wrote and nobody opens: not looked into. */
const skipped = new Set(["node_modules", "bower_components", ".venv", "venv", "__pycache__", ".tox", ".gradle"]);
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
  const walk = new Walk(root);
  await walk.run();
  return { found: walk.found, complete: walk.complete };
}

export function tooLargeToGuard(): ToolError {
  const message =
    `The folder has more than ${maxNames} names (or ${maxPlaces} secret or protected ones), too many to guard them. ` +
    "Open a smaller folder, or ask for access: machine.";
  return new ToolError("workspace_too_large", message);
}

class Walk {
  readonly #root: string;
  readonly #waiting: string[] = [""];
  readonly found: SensitivePlace[] = [];
  #names = 0;

  constructor(root: string) {
    this.#root = root;
  }

  get complete(): boolean {
    return this.#names <= maxNames && this.found.length <= maxPlaces;
  }

  async run(): Promise<void> {
    while (this.#waiting.length > 0 && this.complete) {
      const next = this.#waiting.splice(0, maxOpenFolders);
      await Promise.all(next.map((path) => this.#look(path)));
    }
  }

  async #look(folder: string): Promise<void> {
    const entries = await namesIn(join(this.#root, folder));
    this.#names += entries.length;
    for (const entry of entries) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const refused = refusedAt(folder, entry);
      if (refused.length > 0) await this.#add(path, refused);
      else if (entry.isDirectory() && !skipped.has(entry.name)) this.#waiting.push(path);
    }
  }

  async #add(path: string, refused: readonly Refused[]): Promise<void> {
    const place = await placeAt(this.#root, path, refused);
    if (place === null) return;
    this.found.push(place);
    if (refused.includes("read") || place.type !== "folder") return;
    // Git's settings lie within a place that may be read, and may hold a password.
    const settings = await placeAt(this.#root, `${path}/config`, ["read"]);
    if (settings !== null && isSecretPath(settings.path)) this.found.push(settings);
  }
}

/** A folder that was removed meanwhile, or that the server may not read, shows nothing; the command is no better off. */
async function namesIn(folder: string): Promise<readonly Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(() => []);
}

/**
 * What was found out about names, each with that of its folder: no rule looks further up, and whatever stands above was not
 * refused itself. The same names come again with every command.
 */
const judged = new Map<string, readonly Refused[]>();
const maxJudged = 100_000;

function refusedAt(folder: string, entry: Dirent): readonly Refused[] {
  const names = `${folder.slice(folder.lastIndexOf("/") + 1)}/${entry.name}`;
  let refused = judged.get(names);
  if (refused === undefined) {
    refused = [...(isSecretPath(names) ? (["read"] as const) : []), ...(isProtectedPath(names) ? (["write"] as const) : [])];
    if (judged.size >= maxJudged) judged.clear();
    judged.set(names, refused);
  }
  return entry.isSocket() || entry.isFIFO() ? [...refused, "reach"] : refused;
}

async function placeAt(root: string, path: string, refused: readonly Refused[]): Promise<SensitivePlace | null> {
  const stats = await lstat(join(root, path), { bigint: true }).catch(() => null);
  if (stats === null) return null;
  const type = stats.isSymbolicLink() ? "link" : stats.isDirectory() ? "folder" : "file";
  const target = type === "link" ? await readlink(join(root, path)).catch(() => "") : "";
  return { path, refused, type, identity: `${stats.dev}:${stats.ino}:${target}` };
}
