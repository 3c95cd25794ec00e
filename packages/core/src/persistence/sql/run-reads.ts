import { sql } from "kysely";
import type { Store } from "../store.ts";
import type { Database } from "./database.ts";
import { notEnded, place } from "./run-line.ts";
import { columnsOf, tables } from "./tables.ts";

const runColumns = columnsOf(tables.runs);
const todoColumns = columnsOf(tables.todos);
const approvalColumns = columnsOf(tables.approvals);
const checkpointColumns = columnsOf(tables.checkpoints);

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
  const todos = () => db.query.selectFrom("todos").select(todoColumns);
  return { list: (runId) => db.all(todos().where("runId", "=", runId).orderBy("position").orderBy("ordinal")) };
}

export function approvalReads(db: Database): Store["approvals"] {
  const approvals = () => db.query.selectFrom("approvals").select(approvalColumns);
  return {
    get: (id) => db.first(approvals().where("id", "=", id)),
    list: (runId) => db.all(approvals().where("runId", "=", runId).orderBy("ordinal")),
  };
}

export function checkpointReads(db: Database): Store["checkpoints"] {
  const checkpoints = () => db.query.selectFrom("checkpoints").select(checkpointColumns);
  return {
    list: async (runId) => {
      const rows = await db.all(checkpoints().where("runId", "=", runId).orderBy("ordinal"));
      return rows.map(({ undoneBytes: bytes, undoneHunks: hunks, undone, ...record }) => ({
        ...record,
        undone: undone ? { bytes, hunks } : null,
      }));
    },
  };
}
