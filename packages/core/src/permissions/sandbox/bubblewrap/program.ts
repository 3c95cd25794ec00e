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
  /** What is needed as root only. */
  readonly asRoot: { readonly nsenter: string; readonly setpriv: string } | null;
}

/** Why there can be no sandbox, and what to do about it. */
export interface Missing {
  readonly missing: string;
}

const noUtilLinux: Missing = { missing: "prlimit, nsenter or setpriv is not installed (package util-linux)" };

const run = promisify(execFile);

/** Where commands see it, too. */
const systemPath = "/usr/bin:/bin";

/** Looks in `path`, the PATH of the server. */
export async function findPrograms(path: string, asRoot: boolean): Promise<Programs | Missing> {
  if (process.platform !== "linux") return { missing: "bubblewrap exists for Linux only" };
  const bubblewrap = find(path, "bwrap");
  if (bubblewrap === null) return { missing: "bubblewrap is not installed (Debian, Ubuntu: apt-get install bubblewrap)" };
  const [prlimit, nsenter, setpriv] = ["prlimit", "nsenter", "setpriv"].map((name) => find(systemPath, name) ?? undefined);
  if (prlimit === undefined) return noUtilLinux;
  if (asRoot && (nsenter === undefined || setpriv === undefined)) return noUtilLinux;
  try {
    const options = { timeout: 5000, env: {} };
    const [version, help] = await Promise.all([run(bubblewrap, ["--version"], options), run(bubblewrap, ["--help"], options)]);
    const found = /\d+(?:\.\d+)+/.exec(version.stdout)?.[0];
    if (found === undefined || !help.stdout.includes("--json-status-fd"))
      return { missing: `${bubblewrap} is no bubblewrap of 2018 or later` };
    return {
      bubblewrap,
      version: found,
      forbidsNamespaces: help.stdout.includes("--disable-userns"),
      prlimit,
      asRoot: nsenter === undefined || setpriv === undefined ? null : { nsenter, setpriv },
    };
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
