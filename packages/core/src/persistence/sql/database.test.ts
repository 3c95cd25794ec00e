import { Pool } from "pg";
import { afterAll, expect, it } from "vitest";
import { startPostgres } from "../../testing/services/postgres.ts";
import { Database } from "./database.ts";

const server = await startPostgres();
if (server === null)
  console.warn("SKIPPED, what becomes of a connection. PostgreSQL was not found: install it or set DATABASE_URL.");
afterAll(() => server?.stop());

const ask = (text: string) => [{ text, values: [] }];

it.skipIf(server === null)("a connection on which no answer came in time is given up, and nobody else waits for it", async () => {
  const db = new Database(new Pool({ connectionString: server?.url, max: 1, query_timeout: 500 }));
  await expect(db.transaction(ask("select pg_sleep(600)"))).rejects.toMatchObject({ code: "unavailable", retryable: true });
  expect(await db.transaction(ask("select 1 as one"))).toEqual([{ one: 1 }]);
  await db.close();
});

it.skipIf(server === null)("a connection on which a statement was refused goes on", async () => {
  const db = new Database(new Pool({ connectionString: server?.url, max: 1 }));
  const which = async (): Promise<unknown> => await db.transaction(ask("select pg_backend_pid() as pid"));
  const before = await which();
  await expect(db.transaction(ask("select 1 / 0"))).rejects.toMatchObject({ code: "22012" });
  expect(await which()).toEqual(before);
  await db.close();
});
