import { realpath } from "node:fs/promises";
import { isAbsolute } from "node:path";
import type { EngineParts } from "../parts.ts";

/** The folder of this server that a path names, by whatever link or spelling; null where it names none of them. */
export async function offeredFolder({ workspaces }: EngineParts, path: string): Promise<string | null> {
  const roots = workspaces.list();
  if (roots.includes(path)) return path;
  const real = isAbsolute(path) ? await realpath(path).catch(() => null) : null;
  return real !== null && roots.includes(real) ? real : null;
}
