import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootWarning } from "./as-root.ts";
import { programOf } from "@orquestra/core/testing";

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Call {
  readonly cwd?: string;
  readonly env?: { readonly [variable: string]: string };
}

/** What a server says on stderr that has nothing to say: who it runs as, where that is root. */
export const saidAtStart = process.getuid?.() === 0 ? `orquestra: It ${rootWarning()}.\n` : "";

const cli = programOf(new URL("cli.ts", import.meta.url));

/** The real command line, with a home folder of its own and nothing of this process's environment. */
export class CliHarness {
  readonly home = realpathSync(mkdtempSync(join(tmpdir(), "orquestra-cli-")));
  readonly project = join(this.home, "project");
  readonly dataFolder = join(this.home, ".orquestra");
  readonly #children: ChildProcess[] = [];

  constructor() {
    mkdirSync(this.project);
    writeFileSync(join(this.project, "notes.md"), "# Notes\nTODO: water the plants\n");
  }

  async call(args: readonly string[], call: Call = {}): Promise<Outcome> {
    return await this.start(args, call).ended;
  }

  start(args: readonly string[], { cwd = this.project, env = {} }: Call = {}): RunningCli {
    const child = spawn(process.execPath, [...cli.execArgv, cli.file, ...args], {
      cwd,
      env: { HOME: this.home, PATH: process.env["PATH"] ?? "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#children.push(child);
    return new RunningCli(child);
  }

  /** A server on a free port, once it has printed its link. */
  async serve(args: readonly string[] = [], call: Call = {}): Promise<{ readonly cli: RunningCli; readonly launchUrl: URL }> {
    const running = this.start(["serve", "--port", "0", ...args], call);
    const line = await running.firstLine();
    const [, url] = /^Orquestra is at (http:\S+)$/.exec(line) ?? [];
    if (url === undefined) throw new Error(`no link in ${JSON.stringify(line)}: ${(await running.ended).stderr}`);
    return { cli: running, launchUrl: new URL(url) };
  }

  async remove(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(this.home, { recursive: true, force: true });
  }
}

export class RunningCli {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  #stdout = "";
  #stderr = "";

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on("data", (chunk) => (this.#stdout += String(chunk)));
    child.stderr?.on("data", (chunk) => (this.#stderr += String(chunk)));
    this.ended = once(child, "close").then(([code]: unknown[]) => ({
      code: typeof code === "number" ? code : null,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
  }

  /** What it says first on stdout, or all there was when it ended before. */
  async firstLine(): Promise<string> {
    const line = new Promise<void>((resolve) => {
      this.child.stdout?.on("data", () => this.#stdout.includes("\n") && resolve());
    });
    await Promise.race([line, this.ended]);
    return this.#stdout.split("\n")[0] ?? "";
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Outcome> {
    this.child.kill(signal);
    return await this.ended;
  }
}
