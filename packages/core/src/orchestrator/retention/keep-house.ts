import { messageOf } from "../../lib/error.ts";
import { sleep } from "../../lib/sleep.ts";
import { StoreError } from "../../persistence/index.ts";
import type { EngineParts } from "../parts.ts";
import { trimLog } from "./trim-log.ts";

const hour = 60 * 60_000;
const day = 24 * hour;
const sessionsAtOnce = 100;
/** Between two sessions, so that whoever works has the database to themselves most of the time. Milliseconds. */
const pause = 5;

type Parts = Pick<EngineParts, "store" | "clock" | "log" | "retentionDays">;

/** Trims the logs of sessions whose runs ended long ago: at once and every hour, on one node at a time, until it is closed. */
export function keepHouse(parts: Parts): { close(): Promise<void> } {
  const closing = new AbortController();
  let work = tidy(parts, closing.signal);
  const timer = setInterval(() => {
    work = work.then(() => tidy(parts, closing.signal));
  }, hour).unref();
  return {
    close: () => {
      clearInterval(timer);
      closing.abort();
      return work;
    },
  };
}

/** Never rejects: what could not be done waits for the next time. */
async function tidy({ store, clock, log, retentionDays }: Parts, signal: AbortSignal): Promise<void> {
  if (retentionDays === 0) return;
  const before = new Date(clock.now() - retentionDays * day).toISOString();
  try {
    // A little less than an hour, or a node would come just too early for its own turn.
    if (!(await store.chores.take("retention", hour - 60_000))) return;
    for (let after: string | null = null; ;) {
      const sessions: readonly string[] = await store.events.startingBefore(before, { after, limit: sessionsAtOnce });
      for (const sessionId of sessions) {
        if (signal.aborted) return;
        await trimLog(store, sessionId, { before, signal }).catch(unlessDeleted);
        await sleep(pause, signal).catch(() => undefined);
      }
      after = sessions.at(-1) ?? null;
      if (sessions.length < sessionsAtOnce) return;
    }
  } catch (error) {
    log.warn({ error: messageOf(error) }, "old events could not be trimmed");
  }
}

function unlessDeleted(error: unknown): void {
  if (!(error instanceof StoreError) || error.code !== "not_found") throw error;
}
