import { cp, lstat, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { messageOf } from "../../lib/error.ts";
import { newId } from "../../lib/ids.ts";
import { ToolError, openWorkspaceFiles } from "../../tools/index.ts";
import { movedPlaces } from "./moved-places.ts";
import { type SensitivePlace, sensitivePlaces } from "./sensitive-places.ts";

/**
 * Takes out of a workspace what a command has put in a protected place, before anything else can act on it, and what it has moved
 * to where the next one could read or change it: compares with what stood there before. To be called when the command is dead.
 * Gives notes for the person and the model; throws a ToolError where something could not be moved.
 */
export async function quarantinePlanted(
  root: string,
  before: readonly SensitivePlace[],
  folder: string,
): Promise<readonly string[]> {
  const after = await sensitivePlaces(root);
  const known = new Map(before.map(({ path, identity }) => [path, identity]));
  const planted = after.found.filter(({ path, refused, identity }) => refused.includes("write") && known.get(path) !== identity);
  const { moved, complete } = await movedPlaces(root, before, after.found);
  const notes = [
    ...(await moveAll(
      root,
      planted,
      folder,
      "Such files decide what runs later, so a command in the sandbox may not make them.",
    )),
    ...(await moveAll(root, moved, folder, "They were guarded, and the command had moved them to where nothing is.")),
  ];
  return after.complete && complete ? notes : [...notes, notAllSeen];
}

const notAllSeen =
  "The command made more files than can be looked at: settings of editors, agents or git may be among them. " +
  "Look before opening the folder in another program.";

async function moveAll(root: string, places: readonly SensitivePlace[], folder: string, why: string): Promise<readonly string[]> {
  if (places.length === 0) return [];
  const id = newId();
  const paths = places.map(({ path }) => path);
  for (const path of paths) {
    try {
      await move(root, path, join(folder, id, path));
    } catch (error) {
      const message = `After the command there is ${path}, which is not to stay there, and it could not be moved away: ${messageOf(error)}. Remove it.`;
      throw new ToolError("quarantine_failed", message, { cause: error });
    }
  }
  const few = paths.slice(0, 10).join(", ") + (paths.length > 10 ? ` and ${paths.length - 10} more` : "");
  return [`Not kept: ${few}. ${why} They were moved to the quarantine of Orquestra's data folder, ${id}.`];
}

/** The folders on the way are walked, not followed: another command may be at work in the workspace. */
async function move(root: string, path: string, target: string): Promise<void> {
  const folder = await openWorkspaceFiles(root).openFolder(posix.dirname(path));
  try {
    const source = `${folder.workingDirectory}/${posix.basename(path)}`;
    await mkdir(dirname(target), { recursive: true });
    await rename(source, target).catch((error: unknown) => copyAway(source, target, error));
  } finally {
    await folder.close();
  }
}

/** To another disk. Sockets and pipes are not taken along. */
async function copyAway(source: string, target: string, error: unknown): Promise<void> {
  if (!(error instanceof Error && "code" in error && error.code === "EXDEV")) throw error;
  const filter = async (path: string): Promise<boolean> => {
    const stats = await lstat(path);
    return stats.isFile() || stats.isDirectory() || stats.isSymbolicLink();
  };
  await cp(source, target, { recursive: true, verbatimSymlinks: true, filter });
  await rm(source, { recursive: true });
}
