import { ToolError } from "../tool-error.ts";

const causes: { readonly [errno: string]: readonly [code: string, explain: (path: string) => string] } = {
  ENOENT: ["path_not_found", (path) => `There is no ${path} in the workspace.`],
  ENOTDIR: ["path_not_directory", (path) => `${path} cannot be used: a file stands where a folder is needed.`],
  EISDIR: ["path_is_directory", (path) => `${path} is a folder.`],
  ENOTEMPTY: ["path_is_directory", (path) => `${path} is a folder.`],
  ELOOP: ["path_is_symlink", (path) => `${path} is a symbolic link.`],
  ENXIO: ["path_not_a_file", (path) => `${path} is no regular file.`],
  EACCES: ["permission_denied", (path) => `The server may not access ${path}: the file system denies it.`],
  EPERM: ["permission_denied", (path) => `The server may not access ${path}: the file system denies it.`],
  EROFS: ["permission_denied", (path) => `${path} lies on a read-only file system.`],
  ENAMETOOLONG: ["path_invalid", () => "The path is too long."],
  ENOSPC: ["disk_full", (path) => `The disk is full: ${path} was not written.`],
  EDQUOT: ["disk_full", (path) => `The disk quota is used up: ${path} was not written.`],
};

/** What a failed file operation means, for the person and the model. A ToolError stays as it is. */
export function fileError(error: unknown, path: string): ToolError {
  if (error instanceof ToolError) return error;
  const errno = errnoOf(error);
  const known = errno === null ? undefined : causes[errno];
  if (known === undefined)
    return new ToolError("io_error", `${path} could not be used (${errno ?? "unknown"}).`, { cause: error });
  const [code, explain] = known;
  return new ToolError(code, explain(path), { cause: error });
}

export function errnoOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
