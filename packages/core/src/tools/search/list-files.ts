import { openWorkspaceFiles } from "../workspace/files.ts";
import type { Folder } from "../workspace/folder.ts";
import { below } from "../workspace/path.ts";
import { isSecretPath } from "../workspace/sensitive.ts";
import { globArguments, ripgrep } from "./ripgrep.ts";

export interface ListRequest {
  readonly glob?: string | undefined;
  /** No more paths than this. */
  readonly max: number;
  readonly signal: AbortSignal;
}

export interface FileList {
  /** Relative to the workspace, sorted. */
  readonly paths: readonly string[];
  /** There are more. */
  readonly truncated: boolean;
}

const maxListed = 50_000;

/** The files below a folder that the ignore files do not hide, without secrets, links and what lies in `.git`. */
export async function listFiles(folder: Folder, { glob, max, signal }: ListRequest): Promise<FileList> {
  const args = ["--files", "--null", ...globArguments(glob), "."];
  const paths: string[] = [];
  for await (const name of ripgrep({ args, workingDirectory: folder.workingDirectory, separator: "\0", signal })) {
    if (name === null) continue;
    const path = below(folder.path, name);
    if (isSecretPath(path)) continue;
    if (paths.length === max) return { paths, truncated: true };
    paths.push(path);
  }
  return { paths, truncated: false };
}

/** Every file of a workspace that tools may see, at most 50,000. Throws a ToolError. */
export async function listWorkspaceFiles(root: string, signal: AbortSignal): Promise<readonly string[]> {
  const folder = await openWorkspaceFiles(root).openFolder(".");
  try {
    return (await listFiles(folder, { max: maxListed, signal })).paths;
  } finally {
    await folder.close();
  }
}
