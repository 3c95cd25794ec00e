import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import type { Store } from "../../persistence/index.ts";
import { poolOf } from "../../persistence/pglite/connection-pool.ts";
import { templateFor } from "../../persistence/pglite/template.ts";
import { startDatabase, stopDatabase } from "../../persistence/pglite/worker-thread.ts";
import { openPostgresStore } from "../../persistence/postgres/index.ts";
import { Database, createSqlStore } from "../../persistence/sql/index.ts";
import { startPostgres } from "../services/postgres.ts";

/** A store with the hands of somebody who has the database itself. */
export interface TamperedStore {
  readonly store: Store;
  sql(text: string, values?: readonly (string | number | null)[]): Promise<void>;
  close(): Promise<void>;
}

export interface TamperedKind {
  readonly name: string;
  /** Null where there is no such database here. */
  readonly open: () => Promise<TamperedStore | null>;
}

export const tamperedKinds: readonly TamperedKind[] = [
  { name: "PGlite", open: openPGlite },
  { name: "PostgreSQL", open: openPostgres },
];

async function openPGlite(): Promise<TamperedStore> {
  const folder = await mkdtemp(join(tmpdir(), "orquestra-tampered-"));
  const worker = await startDatabase({ kind: "serve", folder: join(folder, "database"), template: await templateFor(folder) });
  const db = new Database(poolOf(worker));
  await db.migrate();
  return {
    store: createSqlStore(db),
    sql: async (text, values = []) => {
      await db.transaction([{ text, values }]);
    },
    close: async () => {
      await db.close();
      await stopDatabase(worker);
      await rm(folder, { recursive: true });
    },
  };
}

async function openPostgres(): Promise<TamperedStore | null> {
  const database = await startPostgres();
  if (database === null) {
    // oxlint-disable-next-line node/no-process-env -- set where nothing may be left out
    if (process.env["CI"] === "true") throw new Error("PostgreSQL was not found: install it or set DATABASE_URL");
    console.warn("SKIPPED on PostgreSQL: it was not found. Install it or set DATABASE_URL.");
    return null;
  }
  const store = await openPostgresStore({ url: database.url });
  const client = new Client({ connectionString: database.url });
  await client.connect();
  return {
    store,
    sql: async (text, values = []) => {
      await client.query(text, [...values]);
    },
    close: async () => {
      await client.end();
      await store.close();
      await database.stop();
    },
  };
}
