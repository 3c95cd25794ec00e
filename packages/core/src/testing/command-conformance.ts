import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type CommandResult, type CommandRunner, type SessionCommand, ToolError } from "../tools/index.ts";
import type { ConformanceCase } from "./language-model-conformance.ts";

export interface RunnerUnderTest {
  readonly runner: CommandRunner;
  close(): Promise<void>;
}

interface Scene {
  readonly root: string;
  readonly run: (script: string, own?: Partial<SessionCommand>) => Promise<CommandResult>;
  /** Resolves with the first output of a command that goes on. */
  readonly started: (
    script: string,
    own?: Partial<SessionCommand>,
  ) => Promise<{ readonly said: string; readonly ended: Promise<CommandResult> }>;
}

const code = (expected: string) => (error: unknown) => error instanceof ToolError && error.code === expected;

/** A beat that goes on for as long as something of the command lives. */
const beating = "while :; do date +%N > beat; sleep 0.02; done";

async function isStill({ root }: Scene): Promise<void> {
  const before = await readFile(join(root, "beat"), "utf8").catch(() => "");
  await wait(150);
  assert.equal(await readFile(join(root, "beat"), "utf8").catch(() => ""), before, "nothing of the command lives on");
}

const checks: { readonly [title: string]: (scene: Scene) => Promise<void> } = {
  "gives output and exit code": async ({ run }) => {
    const { exitCode, stdout, stderr, truncated } = await run("echo out; echo err >&2; exit 3");
    assert.deepEqual(
      { exitCode, stdout, stderr, truncated },
      { exitCode: 3, stdout: "out\n", stderr: "err\n", truncated: false },
    );
  },
  "gives 128 and the signal's number for a command that was killed": async ({ run }) => {
    assert.equal((await run("kill -9 $$")).exitCode, 137);
  },
  "starts in the workspace, or in the folder of it that was named": async ({ root, run }) => {
    await mkdir(join(root, "sub"));
    await symlink("sub", join(root, "link"));
    assert.equal((await run("pwd -P")).stdout, `${root}\n`);
    assert.equal((await run("pwd -P; echo x > made", { cwd: "link" })).stdout, `${root}/sub\n`);
    assert.equal(await readFile(join(root, "sub/made"), "utf8"), "x\n");
  },
  "does not start elsewhere, whatever the arguments say": async ({ root, run }) => {
    await symlink("/", join(root, "away"));
    await assert.rejects(run("pwd", { cwd: ".." }), code("path_outside_workspace"));
    await assert.rejects(run("pwd", { cwd: "away" }), code("path_outside_workspace"));
    await assert.rejects(run("pwd", { cwd: "nowhere" }), code("path_not_found"));
  },
  "says that the workspace is gone": async ({ root, run }) => {
    await rm(root, { recursive: true });
    await assert.rejects(run("pwd"), code("workspace_gone"));
  },
  "gives an empty input, or the one it is given, also when it is not read": async ({ run }) => {
    assert.equal((await run("cat; echo end")).stdout, "end\n");
    assert.equal((await run("cat", { input: "héllo\n" })).stdout, "héllo\n");
    assert.equal((await run("exit 0", { input: "x".repeat(1_000_000) })).exitCode, 0);
  },
  "gives the environment that was asked for, and nothing of the server's": async ({ run }) => {
    process.env["MADE_UP_CANARY"] = "made-up-canary";
    try {
      const { stdout } = await run("env | cut -d= -f1 | grep -v '^\\(_\\|SHLVL\\|PWD\\|OLDPWD\\)$' | sort", {
        environment: { A: "1 $HOME" },
      });
      assert.equal(stdout, "A\nHOME\nLANG\nPATH\nTERM\n");
    } finally {
      delete process.env["MADE_UP_CANARY"];
    }
  },
  "keeps the beginning and the end of an output that is too long": async ({ run }) => {
    const { stdout, truncated } = await run("echo first; seq 1 200000; echo last");
    assert.equal(truncated, true);
    assert.match(stdout, /^first\n1\n[^]* bytes left out [^]*200000\nlast\n$/);
    assert.ok(stdout.length < 100_000);
  },
  "ends a command whose time is up, and what it has started": async (scene) => {
    await assert.rejects(scene.run(`(${beating}) & wait`, { timeoutMs: 700 }), code("command_timeout"));
    await isStill(scene);
  },
  "ends a command that is stopped, and what it has started": async (scene) => {
    const controller = new AbortController();
    const { ended } = await scene.started(`(${beating}) & echo started; wait`, { signal: controller.signal });
    controller.abort();
    await assert.rejects(ended, code("aborted"));
    await isStill(scene);
  },
  "does not start a command that was stopped before": async ({ run }) => {
    await assert.rejects(run("echo x", { signal: AbortSignal.abort() }), code("aborted"));
  },
  "ends what a command leaves running in the background": async (scene) => {
    const { exitCode } = await scene.run(`(trap '' TERM HUP; ${beating}) > log 2>&1 & exit 4`);
    assert.equal(exitCode, 4);
    await isStill(scene);
  },
  "says that there is no such program": async ({ run }) => {
    await assert.rejects(run("", { program: "/nowhere/sh" }), code("command_not_started"));
  },
  "says that a command is too long": async ({ run }) => {
    await assert.rejects(run(`: ${"x".repeat(3_000_000)}`), code("command_not_started"));
  },
};

/** What every CommandRunner must do, as cases for any test runner; they need a POSIX shell. */
export function commandConformance(name: string, open: () => Promise<RunnerUnderTest>): readonly ConformanceCase[] {
  return Object.entries(checks).map(([title, check]) => ({
    title: `${name} ${title}`,
    run: async () => {
      const tested = await open();
      const root = await realpath(await mkdtemp(join(tmpdir(), "orquestra-command-")));
      try {
        await check(sceneOf(tested.runner, root));
      } finally {
        await rm(root, { recursive: true, force: true });
        await tested.close();
      }
    },
  }));
}

function sceneOf(runner: CommandRunner, root: string): Scene {
  const run: Scene["run"] = (script, own = {}) =>
    runner.run({
      program: "/bin/sh",
      args: ["-c", script],
      cwd: ".",
      environment: {},
      timeoutMs: 20_000,
      access: "sandbox",
      onOutput: () => undefined,
      root,
      signal: new AbortController().signal,
      ...own,
    });
  const started: Scene["started"] = (script, own) =>
    new Promise((resolve, reject) => {
      const ended = run(script, { ...own, onOutput: (_, said) => resolve({ said, ended }) });
      ended.catch(reject);
    });
  return { root, run, started };
}
