import { messageOf } from "../../lib/error.ts";
import { type BareOptions, type CommandRunner, bareRunner } from "../../tools/index.ts";
import { bubblewrapRunner } from "./bubblewrap/bubblewrap-runner.ts";
import { type CommandLimits, defaultCommandLimits } from "./bubblewrap/limits.ts";
import { findPrograms } from "./bubblewrap/program.ts";
import { type EscapeAttempt, tryToEscape } from "./try-to-escape.ts";

export interface SandboxOptions {
  /** A folder of Orquestra's own data: the quarantine, and files that commands see in the place of the machine's. */
  readonly folder: string;
  /** Real paths that no command may see: all of Orquestra's own data. */
  readonly hidden: readonly string[];
  /** Where bubblewrap is looked for: the PATH of the server. */
  readonly path: string;
  /** As whom commands run when the server is root. Default: the owner of their folder, `nobody` where that is root too. */
  readonly user?: number | undefined;
  readonly limits?: Partial<CommandLimits>;
  /** For what runs outside. */
  readonly bare?: BareOptions;
}

/** What commands will run in on this machine, and what was tried to find out. */
export interface SandboxProbe {
  readonly runner: CommandRunner;
  /** "Commands run in bubblewrap 0.8.0." or "No sandbox, so every command asks: …" */
  readonly summary: string;
  readonly attempts: readonly EscapeAttempt[];
}

/**
 * Looks for a sandbox and tries to break out of it. Only one that held every attempt is used; otherwise there is none, and every
 * command asks. Ends within a few seconds, and never rejects.
 */
export async function probeSandbox(options: SandboxOptions): Promise<SandboxProbe> {
  const bare = bareRunner(options.bare);
  const none = (why: string, attempts: readonly EscapeAttempt[] = []): SandboxProbe => ({
    runner: bare,
    summary: `No sandbox, so every command asks: ${why}.`,
    attempts,
  });
  try {
    const programs = await findPrograms(options.path, process.getuid?.() === 0);
    if ("missing" in programs) return none(programs.missing);
    const { folder, hidden, user } = options;
    const limits = { ...defaultCommandLimits, ...options.limits };
    const runner = bubblewrapRunner({ programs, folder, hidden, user, limits, bare });
    const attempts = await tryToEscape(runner, hidden);
    const failed = attempts.filter(({ held }) => !held).map(({ name }) => name);
    if (failed.length > 0) return none(`bubblewrap ${programs.version} did not hold here (${failed.join(", ")})`, attempts);
    return { runner, summary: `Commands run in bubblewrap ${programs.version}.`, attempts };
  } catch (error) {
    return none(messageOf(error).replace(/\.$/, ""));
  }
}
