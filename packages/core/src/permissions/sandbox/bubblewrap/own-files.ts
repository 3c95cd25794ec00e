import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Identity } from "./identity.ts";
import { commandHome } from "./system-view.ts";

/** What stands in for a secret file. Git cannot do without its settings: those are empty, but can be read. */
export const unreadableFile = "unreadable";
export const emptyFile = "empty";

/** Files that a command sees in the place of the machine's, in a folder below `folder`. Nothing in them is secret. */
export async function makeOwnFiles(folder: string, { uid, gid }: Identity): Promise<string> {
  const path = join(folder, `seen-by-${uid}-${gid}`);
  const files = {
    passwd: `root:x:0:0::/:/bin/false\ncommand:x:${uid}:${gid}::${commandHome}:/bin/sh\n`,
    group: `root:x:0:\ncommand:x:${gid}:\n`,
    hosts: "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    // The folder may belong to another user than the command's.
    gitconfig: "[safe]\n\tdirectory = *\n",
    [emptyFile]: "",
    [unreadableFile]: "",
  };
  await mkdir(path, { recursive: true, mode: 0o755 });
  for (const [name, text] of Object.entries(files)) await keep(join(path, name), text);
  await chmod(join(path, unreadableFile), 0);
  return path;
}

/** Written only where it is not there yet: a command may be looking at it. */
async function keep(path: string, text: string): Promise<void> {
  const found = await readFile(path, "utf8").catch(() => null);
  if (found !== text) await writeFile(path, text, { mode: 0o644 });
}
