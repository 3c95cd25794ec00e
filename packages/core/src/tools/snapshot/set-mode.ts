import { constants } from "node:fs";
import { chmod } from "node:fs/promises";
import { type Folder, systemAnchor } from "../workspace/folder.ts";

/** Linux's O_PATH, which Node does not name: a handle that needs no right to what it is of. */
const pathOnly = 0o10000000;

/** Sets the permission bits of what stands under a name, and of nothing else: where that has become a link it fails. */
export async function setMode(folder: Folder, name: string, mode: number): Promise<void> {
  const handle = await folder.open(name, systemAnchor === "procfs" ? pathOnly : constants.O_RDONLY);
  try {
    if (systemAnchor === "procfs") await chmod(`/proc/self/fd/${handle.fd}`, mode);
    else await handle.chmod(mode);
  } finally {
    await handle.close();
  }
}
