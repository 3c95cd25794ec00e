import { Pool } from "pg";
import { afterAll, expect, it } from "vitest";
import { startPostgres } from "../../testing/services/postgres.ts";
import type { AuditRow } from "../audit-log.ts";
import { sqlAudit } from "./audit-log.ts";
import { Database } from "./database.ts";

const server = await startPostgres();
if (server === null)
  console.warn("SKIPPED, what an append to the audit reads. PostgreSQL was not found: install it or set DATABASE_URL.");
afterAll(() => server?.stop());

const rowAt = (position: number): AuditRow => {
  const about = { at: "2026-11-29T00:00:00.000Z", kind: "signed-in", userId: "ada", sessionId: null, runId: null, todoId: null };
  return { ...about, chain: "c", position, body: "{}", previous: "", hash: String(position) };
};

it.skipIf(server === null)("an append reads no row of the audit, however often its plan was made anew", async () => {
  const db = new Database(new Pool({ connectionString: server?.url, max: 1 }));
  await db.migrate();
  const audit = sqlAudit(db);
  for (let position = 1; position <= 40; position += 2) await audit.append([rowAt(position), rowAt(position + 1)]);
  await db.transaction([{ text: "select pg_stat_force_next_flush()", values: [] }]);
  const read = "select seq_tup_read::int as rows from pg_stat_user_tables where relname = 'audit'";
  expect(await db.transaction([{ text: read, values: [] }])).toEqual([{ rows: 0 }]);
  await db.close();
});
