import type { RunRecord } from "../records.ts";
import type { MemoryTables } from "./memory-tables.ts";

/** Runs that have not ended, in the order in which their turn comes: see `Store.runs.active`. */
export function activeRuns(tables: MemoryTables, sessionId?: string): readonly RunRecord[] {
  const runs = sessionId === undefined ? tables.activeRuns.all() : tables.activeRuns.group(sessionId);
  return runs.toSorted(compareTurns);
}

function compareTurns(a: RunRecord, b: RunRecord): number {
  if (isUntouched(a) !== isUntouched(b)) return isUntouched(a) ? 1 : -1;
  return a.queuedAt === b.queuedAt ? 0 : a.queuedAt < b.queuedAt ? -1 : 1;
}

function isUntouched({ status, owner }: RunRecord): boolean {
  return status === "queued" && owner === null;
}
