import { type OrquestraEvent, type SessionState, applyEvent, emptySession, trimSession } from "@orquestra/protocol";
import type { Store } from "../../persistence/index.ts";

const pageSize = 500;
/** As many as a client gets that attaches to the session. */
const snapshotMessages = 50;

/**
 * Trims the log of a session, a page at a time: events from before the ISO time, up to the first of a run that has not ended or
 * ended since. So whoever goes on with a run finds all that was written of it.
 */
export async function trimLog(store: Store, sessionId: string, { before, signal }: Trimming): Promise<void> {
  const runs = await store.runs.list(sessionId);
  const needed = new Set(runs.filter(({ endedAt }) => endedAt === null || endedAt >= before).map(({ id }) => id));
  const stays = ({ at, runId }: OrquestraEvent): boolean => at >= before || (runId !== undefined && needed.has(runId));
  let state: SessionState = (await store.snapshots.newest(sessionId)) ?? emptySession(sessionId);
  while (!signal.aborted) {
    const events = await store.events.read(sessionId, state.seq, pageSize);
    const end = events.findIndex(stays);
    const old = end === -1 ? events : events.slice(0, end);
    if (old[0] === undefined || old[0].seq !== state.seq + 1) return;
    state = trimSession(old.reduce(applyEvent, state), snapshotMessages);
    await store.events.trim(state);
    if (old.length < pageSize) return;
  }
}

export interface Trimming {
  readonly before: string;
  readonly signal: AbortSignal;
}
