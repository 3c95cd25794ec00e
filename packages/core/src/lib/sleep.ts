import { setTimeout as wait } from "node:timers/promises";

/** Waits; rejects with the signal's reason as soon as it aborts. Does not keep the process alive on its own. */
export async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal, ref: false });
}
