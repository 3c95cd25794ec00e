import { dirname, join } from "node:path";
import {
  type CommandResult,
  type CommandRunner,
  type SessionCommand,
  ToolError,
  openWorkspaceFiles,
  systemPath,
} from "../../../tools/index.ts";
import { quarantinePlanted } from "../quarantine.ts";
import { type SensitivePlace, sensitivePlaces, tooLargeToGuard } from "../sensitive-places.ts";
import { DiskGuard } from "./disk-guard.ts";
import { type Identity, identityFor } from "./identity.ts";
import { type CommandLimits, prlimitArguments } from "./limits.ts";
import { makeOwnFiles } from "./own-files.ts";
import type { Programs } from "./program.ts";
import { runInside } from "./run-inside.ts";
import { commandHome, systemView } from "./system-view.ts";
import { workspaceView } from "./workspace-view.ts";

export interface BubblewrapOptions {
  readonly programs: Programs;
  /** For what is ours: files that commands see in the place of the machine's, and the quarantine. */
  readonly folder: string;
  /** Real paths that no command may see. */
  readonly hidden: readonly string[];
  /** As whom commands run when the server is root. Default: the owner of the folder, `nobody` where that is root too. */
  readonly user?: number | undefined;
  readonly limits: CommandLimits;
  /** For what was allowed the whole machine. */
  readonly bare: CommandRunner;
}

/** Commands in a view of the machine that bubblewrap puts up for each one, and that goes away with it. Fails rather than run bare. */
export function bubblewrapRunner(options: BubblewrapOptions): CommandRunner {
  const made = new Map<number, Promise<string>>();
  const files = (identity: Identity): Promise<string> => {
    const found = made.get(identity.uid) ?? makeOwnFiles(options.folder, identity);
    made.set(identity.uid, found);
    return found;
  };
  return {
    kind: "bubblewrap",
    // Only what a person has allowed by that name runs outside: the gate asks for it in every mode.
    run: (command) => (command.access === "machine" ? options.bare.run(command) : runSandboxed(command, { ...options, files })),
  };
}

interface Sandbox extends BubblewrapOptions {
  /** Made once for each user. */
  readonly files: (identity: Identity) => Promise<string>;
}

async function runSandboxed(command: SessionCommand, options: Sandbox): Promise<CommandResult> {
  const { root, signal } = command;
  if (signal.aborted) throw new ToolError("aborted", "Stopped before the command was started.", { cause: signal.reason });
  const folder = await openWorkspaceFiles(root).openFolder(command.cwd);
  await folder.close();
  const before = await sensitivePlaces(root);
  if (!before.complete) throw tooLargeToGuard();
  const [result] = await Promise.allSettled([runGuarded(command, options, join(root, folder.path), before.found)]);
  const notes = await quarantinePlanted(root, before.found, join(options.folder, "quarantine"));
  if (result.status === "rejected") throw withNotes(result.reason, notes);
  const all = [...notes, ...hints(result.value)];
  return all.length === 0 ? result.value : { ...result.value, notes: all };
}

async function runGuarded(
  command: SessionCommand,
  options: Sandbox,
  cwd: string,
  places: readonly SensitivePlace[],
): Promise<CommandResult> {
  const { programs, limits } = options;
  const identity = await identityFor(command.root, options.user);
  const files = await options.files(identity);
  const disk = await DiskGuard.of(command.root, limits.diskReserveBytes);
  try {
    const launch = {
      programs,
      identity,
      options: [
        ...namespaces(programs, identity, command.access === "network"),
        ...environment(command),
        ...systemView({
          files,
          network: command.access === "network",
          readsAsRoot: identity.kind === "dropped" && identity.owner !== null,
          temporaryBytes: limits.temporaryBytes,
          hidden: options.hidden,
        }),
        ...(await workspaceView(command, places, files)),
        "--remount-ro",
        "/",
        "--chdir",
        cwd,
      ],
      limits: prlimitArguments(limits),
    };
    return await runInside(launch, { ...command, signal: AbortSignal.any([command.signal, disk.signal]) });
  } catch (error) {
    throw disk.signal.aborted && !command.signal.aborted ? disk.signal.reason : error;
  } finally {
    disk.stop();
  }
}

/** Own processes, network, users, names and queues; no rights, none to be had, no terminal; gone when the server is. */
const always = [
  "--unshare-all",
  "--unshare-user",
  "--die-with-parent",
  "--new-session",
  "--hostname",
  "sandbox",
  "--cap-drop",
  "ALL",
];

function namespaces(programs: Programs, identity: Identity, network: boolean): readonly string[] {
  return [
    ...always,
    ...(network ? ["--share-net"] : []),
    ...(identity.kind === "self" && programs.forbidsNamespaces ? ["--disable-userns"] : []),
    // A right over files of the users that the namespace knows, and no others; and the one to say so, given up before the command.
    ...(identity.kind === "dropped" && identity.owner !== null
      ? ["--cap-add", "CAP_DAC_OVERRIDE", "--cap-add", "CAP_SETPCAP"]
      : []),
  ];
}

function environment(command: SessionCommand): readonly string[] {
  const base = { PATH: `${dirname(process.execPath)}:${systemPath}`, HOME: commandHome, LANG: "C.UTF-8", TERM: "dumb" };
  const all = Object.entries({ ...base, ...command.environment });
  return ["--clearenv", ...all.flatMap(([name, value]) => ["--setenv", name, value])];
}

function hints({ exitCode, stderr }: CommandResult): readonly string[] {
  if (exitCode === 0 || !/\.git\b.*Read-only file system|Read-only file system.*\.git\b/s.test(stderr)) return [];
  return ['.git is read-only in the sandbox: git commands that write need access: "machine", which asks the user.'];
}

function withNotes(reason: unknown, notes: readonly string[]): unknown {
  if (notes.length === 0 || !(reason instanceof ToolError)) return reason;
  return new ToolError(reason.code, `${reason.message} ${notes.join(" ")}`, { cause: reason });
}
