import { homedir } from "node:os";
import { dirname } from "node:path";
import { openWorkspaceFiles } from "../workspace/files.ts";
import type { CommandRunner } from "./command-runner.ts";
import { runCommand } from "./run-command.ts";

export interface BareOptions {
  /** Where programs are found. Default: beside the running Node, and the usual system folders. */
  readonly path?: string | undefined;
  /** The home folder commands see. Default: that of the server's user. */
  readonly home?: string | undefined;
}

export const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin";

/** Runs every command with the rights of the server's user, in a process group of its own: where there is no sandbox. */
export function bareRunner({ path, home }: BareOptions = {}): CommandRunner {
  const base = {
    PATH: path ?? `${dirname(process.execPath)}:${systemPath}`,
    HOME: home ?? homedir(),
    LANG: "C.UTF-8",
    TERM: "dumb",
  };
  return {
    kind: "none",
    // Also what asks for a sandbox: where none exists the gate has let a person decide on each single command.
    run: async ({ root, cwd, environment, ...command }) => {
      const folder = await openWorkspaceFiles(root).openFolder(cwd);
      try {
        const own = { environment: { ...base, ...environment }, workingDirectory: folder.workingDirectory };
        return await runCommand({ ...command, ...own });
      } finally {
        await folder.close();
      }
    },
  };
}
