import { openWorkspaceFiles } from "../workspace/files.ts";
import { listFiles } from "./list-files.ts";

/** Files a person may want to name. A larger folder is cut off, which a mention list can bear. */
const maxPaths = 50_000;

/** Paths of the files in a workspace, as `list_files` sees them: without what git ignores and without secrets. */
export async function listWorkspaceFiles(root: string, signal: AbortSignal): Promise<readonly string[]> {
  const folder = await openWorkspaceFiles(root).openFolder(".");
  try {
    return (await listFiles(folder, { glob: undefined, max: maxPaths, signal })).paths;
  } finally {
    await folder.close();
  }
}
