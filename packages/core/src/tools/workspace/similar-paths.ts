import { posix } from "node:path";
import { similarity } from "../similarity.ts";
import { ToolError } from "../tool-error.ts";
import { errnoOf } from "./file-error.ts";
import type { Folder } from "./folder.ts";
import { below } from "./path.ts";
import { isSecretPath } from "./sensitive.ts";

const maxFolders = 100;
const maxSuggestions = 3;
const goodEnough = 0.6;
const uninteresting = new Set([".git", "node_modules", "dist", "build", "target", "vendor", ".venv", "__pycache__"]);

/** Opens a folder given by its relative path. */
type OpenFolder = (path: string) => Promise<Folder>;

interface Name {
  readonly path: string;
  readonly isFolder: boolean;
}

/**
 * Up to three paths somebody may have meant who wrote a path that is not there: the same name in another folder or with
 * other capitals, or a similar name. Looks into a bounded number of folders, nearest to the root first.
 */
export async function similarPaths(open: OpenFolder, path: string): Promise<string[]> {
  const wanted = path.toLowerCase();
  const found: { readonly path: string; readonly score: number }[] = [];
  const folders = ["."];
  for (let index = 0; index < Math.min(folders.length, maxFolders); index += 1) {
    for (const entry of await namesIn(open, folders[index] ?? ".")) {
      if (entry.isFolder && !uninteresting.has(posix.basename(entry.path))) folders.push(entry.path);
      const score = likeness(entry.path.toLowerCase(), wanted);
      if (score >= goodEnough && entry.path !== path) found.push({ path: entry.path, score });
    }
  }
  const best = found.toSorted((a, b) => b.score - a.score || a.path.localeCompare(b.path));
  return best.slice(0, maxSuggestions).map((item) => item.path);
}

/** Mostly the name, a little the whole path, so that of equal names the nearer one comes first. */
function likeness(path: string, wanted: string): number {
  return 0.8 * similarity(posix.basename(path), posix.basename(wanted)) + 0.2 * similarity(path, wanted);
}

/** A folder that cannot be read has nothing to suggest. */
async function namesIn(open: OpenFolder, path: string): Promise<readonly Name[]> {
  try {
    const folder = await open(path);
    try {
      const names = (await folder.names()).map((entry) => ({ path: below(path, entry.name), isFolder: entry.isDirectory() }));
      return names.filter((name) => !isSecretPath(name.path)).toSorted((a, b) => (a.path < b.path ? -1 : 1));
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (error instanceof ToolError || errnoOf(error) !== null) return [];
    throw error;
  }
}
