import { EventEmitter, once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type CommandRequest, runCommand } from "./run-command.ts";

interface Run extends Partial<CommandRequest> {
  readonly script: string;
}

const run = ({ script, ...own }: Run) =>
  runCommand({
    program: "/bin/sh",
    args: ["-c", script],
    workingDirectory: tmpdir(),
    environment: { PATH: "/usr/bin:/bin" },
    timeoutMs: 15_000,
    signal: new AbortController().signal,
    onOutput: () => undefined,
    ...own,
  });

/** Runs a script that prints a process id, and gives it out as soon as it is there. */
function withPid(script: string, own: Partial<CommandRequest> = {}) {
  const printed = new EventEmitter();
  const pid = once(printed, "text").then(([text]) => Number(/\d+/.exec(String(text))?.[0]));
  return { pid, ended: run({ script, ...own, onOutput: (_, text) => void printed.emit("text", text) }) };
}

/** A process that has ended, though nobody may have noticed yet, does not run. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    if (process.platform !== "linux") return true;
    return !/\) [ZX] /.test(await readFile(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

describe("a command", () => {
  test("gives its output and its exit code", async () => {
    expect(await run({ script: "echo out; echo err >&2; exit 3" })).toEqual({
      exitCode: 3,
      stdout: "out\n",
      stderr: "err\n",
      truncated: false,
    });
  });

  test("that is killed by a signal has its number over 128", async () => {
    expect(await run({ script: "kill -9 $$" })).toMatchObject({ exitCode: 137 });
  });

  test("gets an empty input, or the one it is given, also when it does not read it", async () => {
    expect(await run({ script: "cat; echo end" })).toMatchObject({ stdout: "end\n" });
    expect(await run({ script: "cat", input: "héllo\n" })).toMatchObject({ stdout: "héllo\n" });
    expect(await run({ script: "exit 0", input: "x".repeat(1_000_000) })).toMatchObject({ exitCode: 0 });
  });

  test("keeps the beginning and the end of a long output", async () => {
    const result = await run({ script: "echo first; seq 1 100000; echo last" });
    expect(result.truncated).toBe(true);
    expect(result.stdout).toMatch(/^first\n1\n2\n[\s\S]* bytes left out [\s\S]*100000\nlast\n$/);
  });

  test("tells its output while it runs", async () => {
    const news: string[] = [];
    let continued = false;
    const controller = new AbortController();
    const ended = run({
      script: "echo ready; sleep 100",
      signal: controller.signal,
      onOutput: (stream, text) => {
        news.push(`${stream}: ${text}`);
        continued = true;
        controller.abort();
      },
    });
    await expect(ended).rejects.toMatchObject({ code: "aborted" });
    expect(continued).toBe(true);
    expect(news).toEqual(["stdout: ready\n"]);
  });

  test("that cannot be started says so", async () => {
    await expect(run({ script: "", program: "/nowhere/sh" })).rejects.toMatchObject({ code: "command_not_started" });
    await expect(run({ script: "", args: ["-c", "a\0b"] })).rejects.toMatchObject({ code: "command_not_started" });
    await expect(run({ script: `: ${"x".repeat(3_000_000)}` })).rejects.toMatchObject({ code: "command_not_started" });
  });
});

describe("the whole process group of a command", () => {
  /** A process in the background that ignores the request to end, and whose id is printed. */
  const stubborn = "trap '' TERM; sleep 1000 & echo $!;";

  test("is dead when the command was aborted, even what ignores the request to end", async () => {
    const controller = new AbortController();
    const { pid, ended } = withPid(`${stubborn} wait`, { signal: controller.signal });
    const grandchild = await pid;
    expect(await isRunning(grandchild)).toBe(true);
    controller.abort();
    await expect(ended).rejects.toMatchObject({ code: "aborted" });
    expect(await isRunning(grandchild)).toBe(false);
  });

  test("is dead when the time was up, and the last output is told", async () => {
    const { pid, ended } = withPid(`${stubborn} wait`, { timeoutMs: 1000 });
    const error: unknown = await ended.catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "command_timeout",
      message: expect.stringMatching(/1 s[\s\S]*printed:\n\d+/) as unknown,
    });
    expect(await isRunning(await pid)).toBe(false);
  });

  test("is dead when the command has ended and left something running in the background", async () => {
    const { pid, ended } = withPid(`${stubborn} exit 4`);
    expect(await ended).toMatchObject({ exitCode: 4 });
    expect(await isRunning(await pid)).toBe(false);
  });

  test("may end by itself when it is asked to", async () => {
    const controller = new AbortController();
    const { pid, ended } = withPid("trap 'echo cleaned > /dev/null; exit 0' TERM; echo $$; while :; do sleep 0.05; done", {
      signal: controller.signal,
    });
    await pid;
    controller.abort();
    await expect(ended).rejects.toMatchObject({ code: "aborted" });
    expect(await isRunning(await pid)).toBe(false);
  });

  test("is not waited for when a process left the group and keeps the output open", async () => {
    const workingDirectory = await mkdtemp(join(tmpdir(), "command-"));
    onTestFinished(() => rm(workingDirectory, { recursive: true }));
    const script = "mkfifo left; setsid sh -c 'echo $$; echo > left; exec sleep 1000' & read line < left; exit 0";
    const { pid, ended } = withPid(script, { workingDirectory });
    expect(await ended).toMatchObject({ exitCode: 0 });
    const escaped = await pid;
    expect(await isRunning(escaped)).toBe(true);
    process.kill(escaped, "SIGKILL");
  });

  test("is not started once the signal is aborted", async () => {
    await expect(run({ script: "echo x", signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  });
});
