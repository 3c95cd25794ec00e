import type { SessionStore } from "@orquestra/client";

/** One row of the thread: a message, and the whole work for it where the run is still known. */
export interface Row {
  readonly messageId: string;
  readonly runId: string | null;
}

/**
 * A run is shown whole below the first of its messages, so its other messages have no row of their own. Messages whose run
 * the server no longer sends (older pages) stand for themselves.
 */
export function threadRows(store: SessionStore, messageIds: readonly string[]): readonly Row[] {
  const shown = new Set<string>();
  const rows: Row[] = [];
  for (const messageId of messageIds) {
    const runId = store.message(messageId).get()?.runId ?? null;
    const known = runId !== null && store.run(runId).get() !== undefined;
    if (known && shown.has(runId)) continue;
    if (known) shown.add(runId);
    rows.push({ messageId, runId: known ? runId : null });
  }
  return rows;
}
