import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AcpStandIn, createAcpStandIn, said } from "../../testing/index.ts";
import { programOf } from "../../testing/program.ts";

const holder = programOf(new URL("../../testing/services/agent-holder.ts", import.meta.url));

let standIn: AcpStandIn;
let child: ChildProcess;

beforeEach(async () => {
  standIn = await createAcpStandIn();
  standIn.break({ ignoresTerm: true, grandchild: true });
  standIn.play([{ rows: [said("Working.")], ending: { type: "stall" } }]);
  child = spawn(process.execPath, [...holder.execArgv, holder.file, standIn.command], { stdio: ["pipe", "ignore", "inherit"] });
  await expect.poll(() => standIn.processes().map(({ messages }) => messages.length)).toEqual([4, 3, 3]);
});

afterEach(() => {
  child.kill("SIGKILL");
  standIn.close();
});

function pids(): readonly (number | null)[] {
  return standIn.processes().flatMap(({ pid, grandchild }) => [pid, grandchild]);
}

describe("agents whose process", () => {
  it.each<[string, () => void]>([
    ["is killed", () => void child.kill("SIGKILL")],
    ["leaves without closing them", () => void child.stdin?.end()],
  ])("%s die with it, and all they had started, and leave no folder", async (_how, end) => {
    expect(pids().every((pid) => standIn.isAlive(pid))).toBe(true);
    const gone = once(child, "exit");
    end();
    await gone;
    await expect.poll(() => pids().filter((pid) => standIn.isAlive(pid))).toEqual([]);
    expect(standIn.processes().filter(({ folder }) => existsSync(dirname(folder)))).toEqual([]);
  });
});
