import type { ToolUsageRecord } from "../records.ts";
import { foldText } from "../search-words.ts";
import type { Change } from "../store.ts";
import { insertStatements, type Row } from "./insert-statements.ts";
import type { CheckpointRow, MessageRow, Rows } from "./schema.ts";
import { parameter, type Statement } from "./statement.ts";
import { tables, toolUsageTable } from "./tables.ts";

type Put = Extract<Change, { put: unknown }>;
type Delete = Extract<Change, { delete: unknown }>;
type TableName = keyof Rows;

/**
 * Changes as few statements. Puts between two deletes commute but for what they refer to, so they become one insert a table,
 * parents first, and of several puts of one row the last. Counts commute with everything and come last.
 */
export function changeStatements(changes: readonly Change[]): readonly Statement[] {
  const statements: Statement[] = [];
  const counts: ToolUsageRecord[] = [];
  let puts: Put[] = [];
  for (const change of changes) {
    if ("put" in change) puts.push(change);
    else if ("count" in change) counts.push(change.record);
    else {
      statements.push(...putStatements(puts), deleteStatement(change));
      puts = [];
    }
  }
  return [...statements, ...putStatements(puts), ...countStatements(counts)];
}

function putStatements(puts: readonly Put[]): readonly Statement[] {
  if (puts.length === 0) return [];
  const rowsByTable = new Map<TableName, Map<string, Row>>();
  for (const put of puts) {
    const row = rowOf(put);
    const rows = rowsByTable.get(put.put) ?? new Map<string, Row>();
    rowsByTable.set(put.put, rows.set(keyOf(tables[put.put].key, row), row));
  }
  return parentsFirst.flatMap((name) => {
    const rows = rowsByTable.get(name);
    return rows === undefined ? [] : insertStatements(tables[name], [...rows.values()], "replace");
  });
}

const parentsFirst: readonly TableName[] = [
  "users",
  "logins",
  "sessions",
  "messages",
  "runs",
  "todos",
  "approvals",
  "checkpoints",
  "preferences",
  "rules",
  "memories",
];

function rowOf(put: Put): Row {
  if (put.put === "messages") return { ...put.record, folded: foldText(put.record.text) } satisfies MessageRow;
  if (put.put !== "checkpoints") return { ...put.record };
  const { undone, ...record } = put.record;
  const { bytes: undoneBytes, hunks: undoneHunks } = undone ?? { bytes: null, hunks: null };
  return { ...record, undone: undone !== null, undoneBytes, undoneHunks } satisfies CheckpointRow;
}

function deleteStatement(change: Delete): Statement {
  if (change.delete !== "preferences") return { text: `delete from ${change.delete} where id = $1`, values: [change.id] };
  return { text: "delete from preferences where user_id = $1 and key = $2", values: [change.userId, change.key] };
}

/** In one order in every commit, so that two commits which count the same tools cannot wait for each other. */
function countStatements(counts: readonly ToolUsageRecord[]): readonly Statement[] {
  const sums = new Map<string, ToolUsageRecord>();
  for (const count of counts) {
    const key = keyOf(toolUsageTable.key, { ...count });
    const { calls, errors, ms } = sums.get(key) ?? { calls: 0, errors: 0, ms: 0 };
    sums.set(key, { ...count, calls: calls + count.calls, errors: errors + count.errors, ms: ms + count.ms });
  }
  const rows = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => ({ ...sum }));
  return insertStatements(toolUsageTable, rows, "add");
}

function keyOf(key: readonly string[], row: Row): string {
  return JSON.stringify(key.map((column) => parameter(row[column], "plain")));
}
