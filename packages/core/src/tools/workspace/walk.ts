import { posix } from "node:path";
import { ToolError } from "../tool-error.ts";
import { errnoOf } from "./file-error.ts";
import { type Anchor, Folder } from "./folder.ts";
import { below, relativePath } from "./path.ts";

/** `follow`: links that stay inside the workspace are read through. `refuse`: a link anywhere on the way is an error. */
export type Links = "follow" | "refuse";

export interface Start {
  readonly root: string;
  readonly anchor: Anchor;
  readonly links: Links;
  /** Makes the folders that are missing on the way. */
  readonly create?: boolean;
}

const maxLinks = 20;

/**
 * Opens a folder of the workspace name by name, so that no link is ever followed by the system: where one stands on the way,
 * its target is read, checked like any other path, and walked from the root again.
 */
export async function walkToFolder(start: Start, path: string, links = 0): Promise<Folder> {
  const names = path === "." ? [] : path.split("/");
  let folder = await Folder.openRoot(start.root, start.anchor);
  try {
    for (const [index, name] of names.entries()) {
      const next = await step(start, folder, name);
      await folder.close();
      if (typeof next === "string")
        return await walkToFolder(start, below(next, names.slice(index + 1).join("/")), hop(links, path));
      folder = next;
    }
    return folder;
  } catch (error) {
    await folder.close();
    throw error;
  }
}

/** Where a path ends: its last name and the open folder that holds it. The name itself may be anything, or not exist. */
export interface Place {
  readonly folder: Folder;
  readonly name: string;
  readonly path: string;
}

/** Opens the folder that holds a path's last name; links at the end are followed too, unless they are refused. */
export async function walkToPlace(start: Start, path: string, links = 0): Promise<Place> {
  const folder = await walkToFolder(start, posix.dirname(path));
  try {
    const name = posix.basename(path);
    const target = await linkTarget(start, folder, name);
    if (target === null) return { folder, name, path: below(folder.path, name) };
    await folder.close();
    return await walkToPlace(start, target, hop(links, path));
  } catch (error) {
    await folder.close();
    throw error;
  }
}

/** The folder of that name, or the path its link leads to. */
async function step(start: Start, folder: Folder, name: string): Promise<Folder | string> {
  try {
    return await folder.enter(name);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" && start.create === true) return makeFolder(folder, name);
    if (errnoOf(error) !== "ELOOP" && errnoOf(error) !== "ENOTDIR") throw error;
    const target = await linkTarget(start, folder, name);
    if (target === null) throw error;
    return target;
  }
}

async function makeFolder(folder: Folder, name: string): Promise<Folder> {
  try {
    await folder.makeFolder(name);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
  return folder.enter(name);
}

/** Where a link leads, as a path in the workspace; `null` when the name is no link or nothing. */
async function linkTarget(start: Start, folder: Folder, name: string): Promise<string | null> {
  const target = await readLink(folder, name);
  if (target === null) return null;
  const path = below(folder.path, name);
  if (start.links === "refuse") throw linkRefused(path, target);
  try {
    return relativePath(posix.isAbsolute(target) ? target : `${folder.path}/${target}`, start.root);
  } catch (error) {
    const message = `${path} is a symbolic link that leads outside the workspace; nothing is read through it.`;
    throw new ToolError("path_outside_workspace", message, { cause: error });
  }
}

async function readLink(folder: Folder, name: string): Promise<string | null> {
  try {
    return await folder.readLink(name);
  } catch (error) {
    if (errnoOf(error) === "EINVAL" || errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}

function linkRefused(path: string, target: string): ToolError {
  return new ToolError(
    "path_is_symlink",
    `${path} is a symbolic link to ${JSON.stringify(target)}. Nothing is written through links; use the path it leads to.`,
  );
}

function hop(links: number, path: string): number {
  if (links >= maxLinks) throw new ToolError("path_is_symlink", `${path} leads through more than ${maxLinks} symbolic links.`);
  return links + 1;
}
