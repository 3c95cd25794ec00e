import { sleep } from "../lib/sleep.ts";
import { StoreError } from "../persistence/index.ts";

/** Whether this says that the database is away: what was asked may work later. */
export function isOutage(error: unknown): boolean {
  return error instanceof StoreError && error.code === "unavailable";
}

/** Milliseconds until the database is tried again after so many failures in a row. */
export function pauseAfter(failures: number): number {
  return Math.min(5000, 250 * 2 ** (failures - 1));
}

/** What the store answers, however long it is away before. Rejects with anything else it says, and when the signal aborts. */
export async function onceAnswered<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await ask();
    } catch (error) {
      if (!isOutage(error)) throw error;
      await sleep(pauseAfter(failures), signal);
    }
  }
}
