import { duplicateCommand, missingSession, staleEpoch } from "../refusals.ts";
import type { Batch, Change } from "../store.ts";
import type { MemoryTables } from "./memory-tables.ts";
import { joinKey } from "./shelf.ts";

/** Throws what PostgreSQL would refuse, before anything is written. */
export function checkBatch(tables: MemoryTables, batch: Batch): void {
  const { fence, command } = batch;
  if (fence !== undefined && tables.runs.get(fence.runId)?.epoch !== fence.epoch) throw staleEpoch();
  if (command !== undefined && tables.commands.has(joinKey(command.userId, command.id))) throw duplicateCommand();
  const exists = checkChanges(tables, batch.changes);
  if (batch.events.length > 0 && (batch.sessionId === null || !exists(batch.sessionId))) throw missingSession();
}

/** Checks that what hangs on a session finds it; returns which sessions exist after the changes. */
function checkChanges(tables: MemoryTables, changes: readonly Change[]): (sessionId: string) => boolean {
  const put = new Set<string>();
  const deleted = new Set<string>();
  const exists = (id: string): boolean => put.has(id) || (tables.sessions.has(id) && !deleted.has(id));
  for (const change of changes) if ("put" in change && change.put === "sessions") put.add(change.record.id);
  for (const change of changes) {
    if ("delete" in change && change.delete === "sessions") {
      put.delete(change.id);
      deleted.add(change.id);
    } else if ("put" in change && change.put === "sessions") {
      put.add(change.record.id);
    } else if ("put" in change && "sessionId" in change.record && change.record.sessionId !== null) {
      if (!exists(change.record.sessionId)) throw missingSession();
    }
  }
  return exists;
}
