import { ToolError } from "../tool-error.ts";
import { isGitPath, isSecretPath } from "./sensitive.ts";

/** Refuses paths no tool may look into. */
export function assertReadable(path: string): void {
  if (isSecretPath(path)) {
    throw new ToolError(
      "secret_path",
      `${path} may hold keys or passwords, so no tool reads or changes it. Ask the user instead.`,
    );
  }
}

/** Refuses paths no tool may change. */
export function assertWritable(path: string): void {
  assertReadable(path);
  if (isGitPath(path)) {
    throw new ToolError("path_protected", `${path} belongs to git itself; tools do not write there. Use git through the shell.`);
  }
  if (path === ".") throw new ToolError("path_is_directory", "The path names the workspace itself; name a file in it.");
}
