import { mkdir, open, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { recordedCall, runTool, temporaryFolder } from "./recorded-call.fixture.ts";
import { type BareOptions, bareRunner } from "../command/bare-runner.ts";
import { runInWorkspace } from "../command/command-runner.ts";
import { shellTool as shell } from "./shell.ts";

const run = (root: string, args: object) => runTool(shell, { ...args }, recordedCall(root));

/** A call whose commands see another path or home. */
function callOf(root: string, bare: BareOptions) {
  const call = recordedCall(root);
  return recordedCall(root, { runCommand: (command) => runInWorkspace(bareRunner(bare), call, command) });
}

describe("shell", () => {
  test("runs a command in the workspace, or in a folder of it", async () => {
    const root = await temporaryFolder(onTestFinished);
    await mkdir(join(root, "sub"));
    await symlink("sub", join(root, "link"));
    expect(await run(root, { command: "pwd" })).toEqual({ exitCode: 0, stdout: `${root}\n`, stderr: "", truncated: false });
    expect(await run(root, { command: "pwd -P; echo x > made", cwd: "link" })).toMatchObject({ stdout: `${root}/sub\n` });
    expect(await run(root, { command: "cat sub/made | tr x y && false" })).toMatchObject({ exitCode: 1, stdout: "y\n" });
  });

  test.each([
    ["..", "path_outside_workspace"],
    ["away", "path_outside_workspace"],
    ["nowhere", "path_not_found"],
    ["file", "path_not_directory"],
    [".ssh", "secret_path"],
  ])("does not run in %j", async (cwd, code) => {
    const root = await temporaryFolder(onTestFinished);
    await symlink("/", join(root, "away"));
    await writeFile(join(root, "file"), "");
    await expect(run(root, { command: "pwd", cwd })).rejects.toMatchObject({ code });
  });

  test("needs a folder, a command, and arguments that make sense", async () => {
    await expect(runTool(shell, { command: "pwd" }, recordedCall(null))).rejects.toMatchObject({ code: "no_workspace" });
    const wrong = [
      {},
      { command: "" },
      { command: "a\0b" },
      { command: "a", env: { "A B": "x" } },
      { command: "a", timeout_seconds: 0 },
    ];
    for (const args of wrong) expect(shell.input.safeParse(args).success).toBe(false);
  });

  describe("environment", () => {
    beforeEach(() => vi.stubEnv("MADE_UP_API_KEY", "made-up-value"));
    afterEach(() => vi.unstubAllEnvs());

    test("is built from scratch: nothing of the server's own is in it", async () => {
      const root = await temporaryFolder(onTestFinished);
      const result = await runTool(
        shell,
        { command: "env -u _ -u SHLVL -u PWD -u OLDPWD | sort", env: { A: "1 $HOME", B: { c: [1] } } },
        callOf(root, { path: "/usr/bin:/bin", home: "/nowhere" }),
      );
      expect(result).toMatchObject({
        stdout: 'A=1 $HOME\nB={"c":[1]}\nHOME=/nowhere\nLANG=C.UTF-8\nPATH=/usr/bin:/bin\nTERM=dumb\n',
      });
    });

    test.each([
      "PATH",
      "LD_PRELOAD",
      "BASH_ENV",
      "bash_env",
      "BASH_FUNC_ls",
      "NODE_OPTIONS",
      "GIT_SSH_COMMAND",
      "PAGER",
      "ENV",
      "CDPATH",
      "GOFLAGS",
      "OPENSSL_CONF",
      "MAKEFILES",
      "LESS",
    ])("cannot be given %s from outside", async (name) => {
      const root = await temporaryFolder(onTestFinished);
      await expect(run(root, { command: "true", env: { [name]: "x" } })).rejects.toMatchObject({ code: "env_refused" });
    });

    test("does not run startup files of the home folder", async () => {
      const root = await temporaryFolder(onTestFinished);
      for (const name of [".bashrc", ".profile", ".bash_profile"]) await writeFile(join(root, name), "echo started");
      const result = await runTool(shell, { command: "echo x" }, callOf(root, { home: root }));
      expect(result).toMatchObject({ stdout: "x\n" });
    });

    test("finds the Node that runs the server", async () => {
      const root = await temporaryFolder(onTestFinished);
      expect(await run(root, { command: "node --version" })).toMatchObject({ stdout: `${process.version}\n` });
    });
  });

  test("gives values of other todos as input, text as it is and the rest as JSON", async () => {
    const root = await temporaryFolder(onTestFinished);
    expect(await run(root, { command: "cat", stdin: "; rm -rf $HOME" })).toMatchObject({ stdout: "; rm -rf $HOME" });
    expect(await run(root, { command: "cat", stdin: [{ path: "a" }] })).toMatchObject({ stdout: '[{"path":"a"}]' });
    expect(await run(root, { command: "cat" })).toMatchObject({ stdout: "" });
  });

  test.runIf(process.platform === "linux")("cannot use the files the server has open", async () => {
    const root = await temporaryFolder(onTestFinished);
    const journal = await open(join(root, "journal"), "w+");
    const result = await run(root, { command: "readlink /proc/$$/fd/* /proc/self/fd/*; true" });
    expect(result).toMatchObject({ stdout: expect.stringContaining("/dev/null") as unknown });
    expect(result).toMatchObject({ stdout: expect.not.stringContaining("journal") as unknown });
    await journal.close();
  });

  test("tells its output as it comes", async () => {
    const call = recordedCall(await temporaryFolder(onTestFinished));
    await runTool(shell, { command: "echo out; echo err >&2" }, call);
    expect(call.news).toContainEqual({ stream: "stdout", text: "out\n" });
    expect(call.news).toContainEqual({ stream: "stderr", text: "err\n" });
  });

  test("stops a command that takes too long", async () => {
    const root = await temporaryFolder(onTestFinished);
    await expect(run(root, { command: "sleep 1000", timeout_seconds: 1 })).rejects.toMatchObject({ code: "command_timeout" });
  });

  test("shows the whole command before it runs, with what is invisible made visible", async () => {
    const root = await temporaryFolder(onTestFinished);
    await mkdir(join(root, "packages/core"), { recursive: true });
    const call = recordedCall(root);
    const preview = (args: object) => shell.preview?.(shell.input.parse(args), call);
    expect(await preview({ command: "npm test", cwd: "packages/core", env: { CI: "1" } })).toEqual({
      summary: "run npm test in packages/core with CI",
    });
    const long = `echo ${"x".repeat(5000)}`;
    expect(await preview({ command: long, stdin: "x" })).toEqual({ summary: `run ${long} reading what it is given` });
    expect(await preview({ command: "ls\u202e\u200b\u001b[8m; rm\n-rf \u3164." })).toEqual({
      summary: String.raw`run ls\u{202e}\u{200b}\u{1b}[8m; rm` + "\n" + String.raw`-rf \u{3164}.`,
    });
  });

  test("is not asked about where it could not run", async () => {
    const call = recordedCall(await temporaryFolder(onTestFinished));
    const preview = (args: object, workspace = call.workspace) =>
      shell.preview?.(shell.input.parse(args), { ...call, workspace });
    await expect(preview({ command: "ls", cwd: "nowhere" })).rejects.toMatchObject({ code: "path_not_found" });
    await expect(preview({ command: "ls", env: { PATH: "x" } })).rejects.toMatchObject({ code: "env_refused" });
    await expect(preview({ command: "ls" }, null)).rejects.toMatchObject({ code: "no_workspace" });
  });

  test("declares that it may do anything in the workspace and cannot be undone", () => {
    expect(shell).toMatchObject({ effects: ["exec", "write"], undoable: false, idempotent: false, integrity: "outside" });
    expect(shell.touches?.({ command: "ls" })).toEqual({ reads: "workspace", writes: "workspace" });
    expect(shell.title?.({ command: "npm test\nrm x" })).toBe("Run npm test");
  });
});
