import { type SandboxProbe, probeSandbox } from "@orquestra/core";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "./config.ts";

/** What commands run in on this machine; the data folder is there. */
export async function openSandbox({ dataDir, home, searchPath, sandboxUid }: Config): Promise<SandboxProbe> {
  const own = await realpath(dataDir);
  return probeSandbox({
    folder: join(own, "sandbox"),
    hidden: [own],
    path: searchPath,
    user: sandboxUid,
    bare: { home },
  });
}
