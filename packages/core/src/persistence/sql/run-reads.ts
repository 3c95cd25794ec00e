import { sql } from "kysely";
import type { Store } from "../store.ts";
import type { CheckpointRecord, TodoRecord } from "../records.ts";
import type { Database } from "./database.ts";
import { notEnded, place } from "./run-line.ts";
import { wholeBytes, wholeJson } from "./payloads.ts";
import type { CheckpointRow } from "./schema.ts";
import { columnsOf, tables } from "./tables.ts";

const runColumns = columnsOf(tables.runs);
const todoColumns = columnsOf(tables.todos).filter(
  (column) => column !== "args" && column !== "result" && column !== "argsPayload" && column !== "resultPayload",
);
const approvalColumns = columnsOf(tables.approvals);
const checkpointColumns = columnsOf(tables.checkpoints).filter(
  (column) =>
    column !== "before" &&
    column !== "beforePayload" &&
    column !== "after" &&
    column !== "afterPayload" &&
    column !== "undoneBytes" &&
    column !== "undonePayload",
);

export function runReads(db: Database): Store["runs"] {
  const runs = () => db.query.selectFrom("runs").select(runColumns);
  return {
    get: (id) => db.first(runs().where("id", "=", id)),
    active: (sessionId) => {
      const active = runs().where(sql<boolean>`${sql.raw(notEnded("runs"))}`);
      const some = sessionId === undefined ? active : active.where("sessionId", "=", sessionId);
      return db.all(some.orderBy(sql.raw(place("runs"))));
    },
    list: (sessionId) => db.all(runs().where("sessionId", "=", sessionId).orderBy("ordinal")),
  };
}

export function todoReads(db: Database): Store["todos"] {
  const todos = (runId: string) =>
    db.large
      .selectFrom("todos")
      .select(todoColumns)
      .select([wholeJson("args").as("args"), wholeJson("result").as("result")])
      .where("runId", "=", runId);
  return {
    get: async (runId, id) => {
      const row = await db.first(todos(runId).where("id", "=", id));
      return row === null ? null : todoOf(row);
    },
    list: async (runId) => (await db.all(todos(runId).orderBy("position").orderBy("ordinal"))).map(todoOf),
    ids: async (runId) => {
      const ids = db.query.selectFrom("todos").select("id").where("runId", "=", runId);
      return (await db.all(ids.orderBy("position").orderBy("ordinal"))).map(({ id }) => id);
    },
  };
}

function todoOf(row: Omit<TodoRecord, "args" | "result"> & { readonly args: string; readonly result: string }): TodoRecord {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a record had there when it was written
  return { ...row, args: JSON.parse(row.args) as TodoRecord["args"], result: JSON.parse(row.result) as TodoRecord["result"] };
}

export function approvalReads(db: Database): Store["approvals"] {
  const approvals = () => db.query.selectFrom("approvals").select(approvalColumns);
  return {
    get: (id) => db.first(approvals().where("id", "=", id)),
    list: (runId) => db.all(approvals().where("runId", "=", runId).orderBy("ordinal")),
  };
}

export function checkpointReads(db: Database): Store["checkpoints"] {
  const checkpoints = () =>
    db.large
      .selectFrom("checkpoints")
      .select(checkpointColumns)
      .select([
        wholeBytes("before", "beforePayload").as("before"),
        wholeBytes("after", "afterPayload").as("after"),
        wholeBytes("undoneBytes", "undonePayload").as("undoneBytes"),
      ]);
  return {
    get: async (id) => {
      const row = await db.first(checkpoints().where("id", "=", id));
      return row === null ? null : checkpointOf(row);
    },
    list: async (runId) => (await db.all(checkpoints().where("runId", "=", runId).orderBy("ordinal"))).map(checkpointOf),
    ids: async (runId) => {
      const ids = db.query.selectFrom("checkpoints").select("id").where("runId", "=", runId);
      return (await db.all(ids.orderBy("ordinal"))).map(({ id }) => id);
    },
  };
}

type WholeCheckpoint = Omit<CheckpointRow, `${string}Payload`>;

function checkpointOf({ undoneBytes: bytes, undoneHunks: hunks, undone, ...record }: WholeCheckpoint): CheckpointRecord {
  return { ...record, undone: undone ? { bytes, hunks } : null };
}
