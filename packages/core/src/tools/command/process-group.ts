import { readFile, readdir } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { ToolError } from "../tool-error.ts";
import { errnoOf } from "../workspace/file-error.ts";

/** Milliseconds a group has to end by itself once it was asked to, and to disappear once it was killed. */
const grace = 2000;
const patience = 2500;
const slowestPoll = 160;

/**
 * Ends every process of a group: asks first, kills after two seconds, and resolves when none is left. A process that has
 * moved to a group of its own is not reached; that is a sandbox's work. Throws a ToolError when the group cannot be killed.
 */
export async function endGroup(group: number): Promise<void> {
  if (!(await isAlive(group))) return;
  send(group, "SIGTERM");
  if (await isGone(group, grace)) return;
  send(group, "SIGKILL");
  if (await isGone(group, patience)) return;
  throw new ToolError("process_survived", `The processes of group ${group} could not be ended; end them by hand.`);
}

async function isGone(group: number, within: number): Promise<boolean> {
  const deadline = performance.now() + within;
  for (let pause = 10; await isAlive(group); pause = Math.min(2 * pause, slowestPoll)) {
    if (performance.now() > deadline) return false;
    await wait(pause);
  }
  return true;
}

/** Processes that have ended and only wait to be noticed by their parent do not count. */
async function isAlive(group: number): Promise<boolean> {
  try {
    process.kill(-group, 0);
  } catch (error) {
    return errnoOf(error) === "EPERM" && process.platform === "linux";
  }
  return process.platform !== "linux" || hasLivingMember(group);
}

async function hasLivingMember(group: number): Promise<boolean> {
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const states = await Promise.all(processes.map((id) => readFile(`/proc/${id}/stat`, "latin1").catch(() => "")));
  return states.some((stat) => {
    // The name of the program, in brackets, may hold anything; the state, the parent and the group come after it.
    const [state, , memberOf] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return memberOf === String(group) && state !== "Z" && state !== "X";
  });
}

function send(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (errnoOf(error) !== "ESRCH" && errnoOf(error) !== "EPERM") throw error;
  }
}
