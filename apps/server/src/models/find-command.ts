import { access, constants } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";

/** Where a command is, as a shell would find it; `null` when it is nowhere. */
export async function findCommand(command: string, searchPath: string): Promise<string | null> {
  const places = isAbsolute(command)
    ? [command]
    : searchPath
        .split(delimiter)
        .filter(isAbsolute)
        .map((folder) => join(folder, command));
  for (const path of places) {
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return null;
}
