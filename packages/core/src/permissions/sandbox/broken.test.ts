import { chmod, lstat, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startSandbox } from "../../testing/services/sandbox.ts";
import { findPrograms } from "./bubblewrap/program.ts";
import { programs, sceneOf, servers, startWorker, asRoot } from "./sandbox.fixture.ts";

if (programs === null) console.warn("SKIPPED, a sandbox that breaks. bubblewrap was not found: install the package bubblewrap.");

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

test("without bubblewrap on the PATH there is none, and it is said what to install", async () => {
  expect(await findPrograms("/nowhere:relative:", asRoot)).toEqual({ missing: expect.stringContaining("bubblewrap") as unknown });
});

describe.skipIf(programs === null)("when bubblewrap fails, nothing runs:", () => {
  test.each([
    ["at once", "exit 1"],
    ["with a message", "echo 'bwrap: No permissions to create a new namespace' >&2; exit 1"],
    ["after it has begun", `echo '{ "child-pid": 1999999999 }' >&3; exit 1`],
    ["as if all had gone well", `echo '{ "child-pid": 1999999999 }' >&3; echo '{ "exit-code": 0 }' >&3; exit 0`],
    ["by running it bare", 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'],
    ["half-way, in a namespace", 'exec REAL --dev-bind / / --bind /nowhere /nowhere -- "$@"'],
  ])("%s", async (_how, script) => {
    if (programs === null) return;
    const { root, outside } = await sceneOf(servers[0] ?? "an ordinary user");
    const bubblewrap = join(outside, "bwrap");
    await writeFile(bubblewrap, `#!/bin/sh\n${script.replace("REAL", programs.bubblewrap)}\n`);
    await chmod(bubblewrap, 0o755);
    const { runner, close } = await startSandbox({ programs: { ...programs, bubblewrap } });
    onTestFinished(close);
    const command = {
      program: "/bin/sh",
      args: ["-c", "echo x > ran"],
      cwd: ".",
      environment: {},
      timeoutMs: 20_000,
      root,
    } as const;
    const signal = new AbortController().signal;
    const ended = runner.run({ ...command, access: "sandbox", onOutput: () => undefined, signal });
    await expect(ended).rejects.toMatchObject({
      code: "sandbox_failed",
      message: expect.stringContaining("orquestra doctor") as unknown,
    });
    expect(await exists(join(root, "ran"))).toBe(false);
  });
});

test.skipIf(programs === null)(
  "a command that is stopped while its sandbox is put up leaves nothing, whatever the moment",
  async () => {
    if (programs === null) return;
    const { root } = await sceneOf(servers[0] ?? "an ordinary user");
    const { runner, close } = await startSandbox({ programs });
    onTestFinished(close);
    const mark = `98765.${process.pid}`;
    const command = {
      program: "/bin/sh",
      args: ["-c", `sleep ${mark}`],
      cwd: ".",
      environment: {},
      timeoutMs: 20_000,
      root,
    } as const;
    for (let delay = 0; delay < 60; delay += 3) {
      const ended = runner.run({ ...command, access: "sandbox", onOutput: () => undefined, signal: AbortSignal.timeout(delay) });
      await expect(ended).rejects.toMatchObject({ code: "aborted" });
    }
    const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(processes.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
    expect(lines.filter((line) => line.includes(mark))).toEqual([]);
  },
);

describe.skipIf(programs === null).each(asRoot ? [{ uid: 65_534, gid: 65_534 }, {}] : [{}])(
  "a server (%o) that is killed",
  (account) => {
    test("takes along what its commands have started", async () => {
      const { root } = await sceneOf("uid" in account || !asRoot ? "root, in another user's folder" : "root, in root's folder");
      const { child, send, next } = await startWorker(account);
      const beating = "(trap '' TERM HUP; setsid sh -c 'while :; do date +%N > beat; sleep 0.02; done')";
      const script = `${beating} & while [ ! -s beat ]; do sleep 0.02; done; echo up; wait`;
      send({ root, script, timeoutMs: 60_000, access: "sandbox" });
      expect(await next()).toEqual({ said: "up\n" });
      child.kill("SIGKILL");
      const age = async (): Promise<number> => Date.now() - (await lstat(join(root, "beat"))).mtimeMs;
      await expect.poll(age, { timeout: 10_000 }).toBeGreaterThan(500);
    });
  },
);
