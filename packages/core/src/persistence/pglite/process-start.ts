import { readFile } from "node:fs/promises";

/** When a process started, in clock ticks since boot: with the pid it names one process for ever. Null where the system does not tell. */
export async function processStart(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold anything; of the fields behind it, the start time is the twentieth.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

/** Whether the process is there, and no other has got its pid since. */
export async function isSameProcess(pid: number, start: string | null): Promise<boolean> {
  if (!isThere(pid)) return false;
  const now = await processStart(pid);
  return start === null || now === null || start === now;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process: it is there, but takes no signals from us.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
