import { Pool } from "pg";
import { createSqlStore, Database, valueParsers } from "../sql/index.ts";
import type { Store } from "../store.ts";
import { namingHost } from "./naming-host.ts";

export interface PostgresOptions {
  /** `postgres://user:password@host:port/name`; it is never part of an error's message. */
  readonly url: string;
  /** Connections at the same time; 10 when absent. */
  readonly poolSize?: number;
}

/** A connection attempt, and one that waits for a free connection, give up after this. */
const connectTimeoutMs = 5_000;
/** A server that went silent in the middle is given up after this. */
const queryTimeoutMs = 60_000;

/** Opens a store on a PostgreSQL server and brings its tables up to date. Throws `unavailable` when there is no way in. */
export async function openPostgresStore({ url, poolSize = 10 }: PostgresOptions): Promise<Store> {
  const pool = new Pool({
    connectionString: url,
    max: poolSize,
    types: valueParsers,
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    application_name: "orquestra",
  });
  const db = new Database(pool);
  try {
    await db.migrate();
  } catch (error) {
    await db.close();
    throw namingHost(error, url);
  }
  return createSqlStore(db);
}
