import { once } from "node:events";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { cpuSecondsOf, watchCpu } from "./process-cpu.ts";

const burn = "const end = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < end);";

it.runIf(existsSync("/proc/self/stat"))("what children used counts as well, also of those that have ended", async () => {
  const before = (await cpuSecondsOf(process.pid)) ?? Number.NaN;
  const child = spawn(process.execPath, ["-e", burn], { stdio: "ignore" });
  await once(child, "exit");
  expect(((await cpuSecondsOf(process.pid)) ?? Number.NaN) - before).toBeGreaterThan(0.25);
});

it("a process that is not there has no share", async () => {
  const shares = await watchCpu({ nobody: 2 ** 22 + 1 });
  expect(await shares()).toEqual({ nobody: null });
});
