import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { dirname, parse, relative, sep } from "node:path";
import { ToolError } from "../tool-error.ts";
import { errnoOf } from "./file-error.ts";

export interface RootLimits {
  /** Orquestra's own data; need not exist yet. */
  readonly dataFolder: string;
  /** The home folder of whoever runs the server. */
  readonly home: string;
}

/**
 * The real path of a folder a session may work in. Throws a ToolError for what is no readable folder, and for folders that
 * would hand over too much: the whole disk, a home folder or what contains one, and whatever contains or is Orquestra's data.
 */
export async function checkWorkspaceRoot(path: string, { dataFolder, home }: RootLimits): Promise<string> {
  const root = await realFolder(path);
  if (root === parse(root).root) throw refused(root, "is the whole disk");
  if (contains(root, await realOrNearest(home)) || isHome(root)) throw refused(root, "is a home folder or contains one");
  const data = await realOrNearest(dataFolder);
  if (contains(root, data) || contains(data, root)) throw refused(root, "shares its place with Orquestra's own data");
  return root;
}

async function realFolder(path: string): Promise<string> {
  try {
    const root = await realpath(path);
    if (!(await stat(root)).isDirectory()) throw new ToolError("path_not_directory", `${path} is not a folder.`);
    await access(root, constants.R_OK | constants.X_OK);
    return root;
  } catch (error) {
    if (error instanceof ToolError) throw error;
    if (errnoOf(error) === "ENOENT") throw new ToolError("path_not_found", `There is no folder ${path}.`, { cause: error });
    throw new ToolError("permission_denied", `${path} cannot be read by the server.`, { cause: error });
  }
}

/** The real path of what may not exist yet: that of its nearest parent that does, and the rest as it is. */
async function realOrNearest(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" || dirname(path) === path) throw error;
    const parent = await realOrNearest(dirname(path));
    return parent + (parent.endsWith(sep) ? "" : sep) + relative(dirname(path), path);
  }
}

function contains(folder: string, path: string): boolean {
  const prefix = folder.endsWith(sep) ? folder : folder + sep;
  return path === folder || path.startsWith(prefix);
}

/** Homes of other people and what holds them, by the places systems put them. */
function isHome(root: string): boolean {
  return /^(?:root|(?:home|Users)(?:[/\\][^/\\]+)?)$/.test(relative(parse(root).root, root));
}

function refused(root: string, reason: string): ToolError {
  return new ToolError("root_refused", `${root} ${reason}; open a project folder inside it instead.`);
}
