import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bubblewrapRunner } from "../../permissions/sandbox/bubblewrap/bubblewrap-runner.ts";
import { type CommandLimits, defaultCommandLimits } from "../../permissions/sandbox/bubblewrap/limits.ts";
import { type Programs, findPrograms } from "../../permissions/sandbox/bubblewrap/program.ts";
import { type CommandRunner, bareRunner } from "../../tools/index.ts";

export interface TestSandbox {
  readonly runner: CommandRunner;
  /** Its own data: the quarantine. */
  readonly folder: string;
  readonly close: () => Promise<void>;
}

/** The bubblewrap of this machine; null where there is none. */
export async function findBubblewrap(): Promise<Programs | null> {
  const found = await findPrograms(process.env["PATH"] ?? "", process.getuid?.() === 0);
  return "missing" in found ? null : found;
}

export interface TestSandboxOptions {
  readonly programs: Programs;
  readonly hidden?: readonly string[];
  readonly user?: number;
  readonly limits?: Partial<CommandLimits>;
}

export async function startSandbox({ programs, hidden = [], user, limits = {} }: TestSandboxOptions): Promise<TestSandbox> {
  const folder = await temporary("orquestra-sandbox-");
  const options = { programs, folder, hidden, user, limits: { ...defaultCommandLimits, ...limits }, bare: bareRunner() };
  return { runner: bubblewrapRunner(options), folder, close: () => rm(folder, { recursive: true, force: true }) };
}

async function temporary(prefix: string): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), prefix)));
  await chmod(folder, 0o700);
  return folder;
}
