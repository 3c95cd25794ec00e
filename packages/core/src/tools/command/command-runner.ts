import { noWorkspace } from "../tool-error.ts";
import type { CommandResult } from "./run-command.ts";

/**
 * What a command may reach. `sandbox`: the workspace and nothing else, no network. `network`: likewise, with the machine's network.
 * `machine`: whatever the server's user may.
 */
export type CommandAccess = "sandbox" | "network" | "machine";

/** A program as a tool asks for it. Where it may reach is `access`; the folder is the session's, whatever the arguments say. */
export interface ToolCommand {
  /** Absolute. */
  readonly program: string;
  readonly args: readonly string[];
  /** A folder of the workspace, relative to it; it only decides where the program starts. */
  readonly cwd: string;
  /** Beside what every command gets: PATH, HOME, LANG, TERM. */
  readonly environment: { readonly [name: string]: string };
  /** Given to the standard input, which is empty otherwise. */
  readonly input?: string | undefined;
  readonly timeoutMs: number;
  readonly access: CommandAccess;
  /** Output as it comes, for whoever watches; parts may be missing when it comes fast. */
  readonly onOutput: (stream: "stdout" | "stderr", text: string) => void;
}

export interface SessionCommand extends ToolCommand {
  /** The session's folder, a real path. */
  readonly root: string;
  readonly signal: AbortSignal;
  /** Files and folders, relative to the root, that a command in the sandbox may not change either; `.` is all of it. */
  readonly readOnly?: readonly string[];
}

/**
 * Runs the commands of tools. Whether a command may run is decided before it comes here. When the promise settles, nothing of
 * the command runs any more. Rejects with a ToolError: `aborted`, `command_timeout`, `command_not_started`, what
 * `openFolder` says of `cwd`, and `sandbox_failed` when what should stand around it could not be put up.
 */
export interface CommandRunner {
  /** What stands around a command that asks for no more than the sandbox. */
  readonly kind: "bubblewrap" | "none";
  run(command: SessionCommand): Promise<CommandResult>;
}

/** What a tool's call lends: all of it is the session's own. */
export interface CallGround extends Pick<SessionCommand, "signal" | "readOnly"> {
  readonly workspace: { readonly root: string } | null;
}

export async function runInWorkspace(
  runner: CommandRunner,
  { workspace, signal, readOnly = [] }: CallGround,
  command: ToolCommand,
): Promise<CommandResult> {
  if (workspace === null) throw noWorkspace();
  return runner.run({ ...command, root: workspace.root, signal, readOnly });
}
