import type { CheckpointRecord, TodoRecord, ToolUsageRecord } from "../records.ts";
import { foldText } from "../search-words.ts";
import type { Change } from "../store.ts";
import { insertStatements, type Row } from "./insert-statements.ts";
import type { Payloads } from "./payloads.ts";
import type { CheckpointRow, MessageRow, Rows, TodoRow } from "./schema.ts";
import { parameter, type Statement } from "./statement.ts";
import { tables, toolUsageTable } from "./tables.ts";

type Put = Extract<Change, { put: unknown }>;
type Delete = Extract<Change, { delete: unknown }>;
type TableName = keyof Rows;

/**
 * Changes as few statements. Puts between two deletes commute but for what they refer to, so they become one insert a table,
 * parents first, and of several puts of one row the last. Counts commute with everything and come last.
 */
export function changeStatements(changes: readonly Change[], payloads: Payloads): readonly Statement[] {
  const statements: Statement[] = [];
  const counts: ToolUsageRecord[] = [];
  let puts: Put[] = [];
  for (const change of changes) {
    if ("put" in change) puts.push(change);
    else if ("count" in change) counts.push(change.record);
    else {
      statements.push(...putStatements(puts, payloads), ...deleteStatements(change));
      puts = [];
    }
  }
  return [...statements, ...putStatements(puts, payloads), ...countStatements(counts)];
}

function putStatements(puts: readonly Put[], payloads: Payloads): readonly Statement[] {
  if (puts.length === 0) return [];
  const rowsByTable = new Map<TableName, Map<string, Row>>();
  for (const put of puts) {
    const row = rowOf(put, payloads);
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

function rowOf(put: Put, payloads: Payloads): Row {
  if (put.put === "messages") return { ...put.record, folded: foldText(put.record.text) } satisfies MessageRow;
  if (put.put === "todos") return todoRow(put.record, payloads);
  return put.put === "checkpoints" ? checkpointRow(put.record, payloads) : { ...put.record };
}

function todoRow(record: TodoRecord, payloads: Payloads): Row {
  const args = payloads.json(record.sessionId, record.args);
  const result = payloads.json(record.sessionId, record.result);
  const values = { args: args.value, argsPayload: args.payload, result: result.value, resultPayload: result.payload };
  return { ...record, ...values } satisfies Row & Record<keyof TodoRow, unknown>;
}

function checkpointRow({ undone, ...record }: CheckpointRecord, payloads: Payloads): Row {
  const before = payloads.bytes(record.sessionId, record.before);
  const after = payloads.bytes(record.sessionId, record.after);
  const undoneBytes = payloads.bytes(record.sessionId, undone?.bytes ?? null);
  return {
    ...record,
    before: before.value,
    beforePayload: before.payload,
    after: after.value,
    afterPayload: after.payload,
    undone: undone !== null,
    undoneBytes: undoneBytes.value,
    undonePayload: undoneBytes.payload,
    undoneHunks: undone?.hunks ?? null,
  } satisfies CheckpointRow;
}

function deleteStatements(change: Delete): readonly Statement[] {
  if (change.delete === "preferences")
    return [{ text: "delete from preferences where user_id = $1 and key = $2", values: [change.userId, change.key] }];
  const row = `delete from ${change.delete} where id = $1`;
  const texts = change.delete === "sessions" ? [...withSession, row] : [row];
  return texts.map((text) => ({ text, values: [change.id] }));
}

/**
 * What the database does not delete with a session by itself. Payloads go before their session, as they are written before it: so a
 * deletion and a commit cannot wait for each other in a circle. Of what was learned only that stays which a person has let stand,
 * without the words it was learned from. A deletion that was forwarded to this node is still waited for.
 */
const withSession = [
  "delete from payloads where session_id = $1",
  "delete from commands where session_id = $1",
  "delete from forwarded_commands where session_id = $1 and command ->> 'type' <> 'session-delete'",
  "delete from memories where session_id = $1 and status <> 'active'",
  "update memories set quote = '' where session_id = $1",
];

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
