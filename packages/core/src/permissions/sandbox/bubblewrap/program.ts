import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** What the sandbox is made with, as it was found on this machine. */
export interface Programs {
  readonly bubblewrap: string;
  /** "0.8.0" */
  readonly version: string;
  /** It can forbid user namespaces inside; older ones cannot. */
  readonly forbidsNamespaces: boolean;
  readonly prlimit: string;
  /** Needed as root only. */
  readonly nsenter: string | null;
}

/** Why there can be no sandbox, and what to do about it. */
export interface Missing {
  readonly missing: string;
}

const run = promisify(execFile);

/** Where commands see it, too. */
const systemPath = "/usr/bin:/bin";

/** Looks in `path`, the PATH of the server. */
export async function findPrograms(path: string, asRoot: boolean): Promise<Programs | Missing> {
  if (process.platform !== "linux") return { missing: "bubblewrap exists for Linux only" };
  const bubblewrap = find(path, "bwrap");
  if (bubblewrap === null) return { missing: "bubblewrap is not installed (Debian, Ubuntu: apt-get install bubblewrap)" };
  const prlimit = find(systemPath, "prlimit");
  const nsenter = find(systemPath, "nsenter");
  if (prlimit === null || (asRoot && nsenter === null)) return { missing: "prlimit or nsenter of util-linux is not installed" };
  try {
    const options = { timeout: 5000, env: {} };
    const [version, help] = await Promise.all([run(bubblewrap, ["--version"], options), run(bubblewrap, ["--help"], options)]);
    const found = /\d+(?:\.\d+)+/.exec(version.stdout)?.[0];
    if (found === undefined || !help.stdout.includes("--json-status-fd"))
      return { missing: `${bubblewrap} is no bubblewrap of 2018 or later` };
    return { bubblewrap, version: found, forbidsNamespaces: help.stdout.includes("--disable-userns"), prlimit, nsenter };
  } catch {
    return { missing: `${bubblewrap} could not be started` };
  }
}

function find(path: string, name: string): string | null {
  const places = path.split(":").filter((folder) => folder.startsWith("/"));
  return places.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
