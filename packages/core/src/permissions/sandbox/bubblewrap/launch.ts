import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { Duplex } from "node:stream";
import { promisify } from "node:util";
import { notStarted } from "../../../tools/index.ts";
import { type Identity, idMaps } from "./identity.ts";
import { type Programs } from "./program.ts";
import { Signals } from "./signals.ts";
import { callFilter } from "./system-calls.ts";

/** The pipes beside the standard ones. */
const statusFd = 3;
const gateFd = 4;
const optionsFd = 5;
const filterFd = 6;
const readyFd = 7;
const infoFd = 8;

/**
 * Runs inside, under the command's limits. It says that everything stands, and goes on only on the server's word: so nothing
 * runs whose server died meanwhile, and a failure before that word was the sandbox's, not the command's.
 */
const gate = `[ -x "$1" ] || { echo missing >&${gateFd}; exit 127; }
echo standing >&${gateFd}; read -r word <&${gateFd}; [ "$word" = go ] || exit 125
exec "$@" ${gateFd}>&- ${readyFd}>&-`;

/**
 * Runs first outside. Makes the kernel end this before anything else when memory runs out, and closes what the server itself
 * was started with and passes on without knowing: an open folder of the machine would be a way out.
 */
const first = `echo 1000 > /proc/self/oom_score_adj
for path in /proc/self/fd/*; do fd=\${path##*/}; [ "$fd" -le ${infoFd} ] || eval "exec $fd>&-"; done
exec "$@"`;

/** A plain sh may not know numbers over 9; it then fails where there is one to close. */
const shell = existsSync("/bin/bash") ? "/bin/bash" : "/bin/sh";

/**
 * Asked what it may do, the kernel answers a command that holds the one right over the folder's files as if it did not: many
 * programs ask first. This makes the answer true, and gives up the right to do so.
 */
const honestAnswers = [
  "--securebits=+no_setuid_fixup",
  "--inh-caps=-setpcap",
  "--ambient-caps=-setpcap",
  "--bounding-set=-setpcap",
];

const filter = callFilter(process.arch);

export interface Launch {
  readonly programs: Programs;
  readonly identity: Identity;
  /** What bubblewrap is told, without the program. */
  readonly options: readonly string[];
  readonly limits: readonly string[];
  readonly program: string;
  readonly args: readonly string[];
  readonly hasInput: boolean;
}

export interface Launched {
  readonly child: ChildProcess;
  readonly signals: Signals;
}

/** Starts bubblewrap; the program waits at its gate. Throws a ToolError `command_not_started`. */
export function launch({ programs, identity, options, limits, program, args, hasInput }: Launch): Launched {
  const own = identity.kind === "dropped" ? ["--userns-block-fd", String(readyFd), "--info-fd", String(infoFd)] : [];
  const filtered = filter === null ? [] : ["--seccomp", String(filterFd)];
  const fds = ["--args", String(optionsFd), "--json-status-fd", String(statusFd), ...filtered, ...own];
  const owned = identity.kind === "dropped" && identity.owner !== null;
  const rights = owned && programs.asRoot !== null ? [programs.asRoot.setpriv, ...honestAnswers] : [];
  const inside = [...rights, programs.prlimit, ...limits, "--", "/bin/sh", "-c", gate, "sh", program, ...args];
  try {
    const child = spawn(shell, ["-c", first, "sh", programs.bubblewrap, ...fds, "--", ...inside], {
      cwd: "/",
      env: {},
      detached: true,
      stdio: [hasInput ? "pipe" : "ignore", ...Array<"pipe">(identity.kind === "dropped" ? infoFd : filterFd).fill("pipe")],
      ...(identity.kind === "dropped" ? { uid: identity.uid, gid: identity.gid } : {}),
    });
    for (const stream of child.stdio) stream?.on("error", () => undefined);
    pipeAt(child, optionsFd)?.end(options.map((option) => `${option}\0`).join(""));
    pipeAt(child, filterFd)?.end(filter ?? "");
    pipeAt(child, infoFd)?.resume();
    return { child, signals: new Signals(pipeAt(child, statusFd), pipeAt(child, gateFd)) };
  } catch (error) {
    throw notStarted(error);
  }
}

/** Lets the program start. */
export function openGate(child: ChildProcess): void {
  pipeAt(child, gateFd)?.end("go\n");
}

const run = promisify(execFile);
const noNamespaces = "echo 0 > /proc/sys/user/max_user_namespaces";

/**
 * As root only: tells the namespace which users there are, which is for root alone to do when they are several, lets bubblewrap
 * go on, and meanwhile forbids further ones inside, which bubblewrap can do for a single user only. The gate waits for it.
 */
export async function enterUsers(child: ChildProcess, pid: number, { programs, identity }: Launch): Promise<void> {
  if (identity.kind !== "dropped" || programs.asRoot === null) return;
  const { uids, gids } = idMaps(identity);
  const args = ["--preserve-credentials", "--user", "--target", String(pid), "/bin/sh", "-c", noNamespaces];
  writeFileSync(`/proc/${pid}/uid_map`, uids);
  writeFileSync(`/proc/${pid}/gid_map`, gids);
  pipeAt(child, readyFd)?.end("1");
  // Only now: whoever enters a namespace without users cannot start a program there.
  await run(programs.asRoot.nsenter, args, { env: {}, timeout: 10_000 });
}

function pipeAt(child: ChildProcess, fd: number): Duplex | null {
  const pipe = child.stdio[fd];
  return pipe instanceof Duplex ? pipe : null;
}
