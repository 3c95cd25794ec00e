import { Pool } from "pg";
import { createSqlStore, Database, valueParsers } from "../sql/index.ts";
import type { Store } from "../store.ts";

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
    pipeline: true,
    types: valueParsers,
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    application_name: "orquestra",
  });
  survivesLostConnections(pool);
  const db = new Database(pool);
  try {
    await db.migrate();
  } catch (error) {
    await db.close();
    throw error;
  }
  return createSqlStore(db);
}

/**
 * A connection that breaks says so in an event, which would end the process if nobody listened. There is nothing to do there: its queries
 * fail on their own, the pool drops it, and the next query gets a new one or `unavailable`.
 */
function survivesLostConnections(pool: Pool): void {
  pool.on("error", dropped);
  pool.on("connect", (client) => client.on("error", dropped));
}

function dropped(): void {
  return undefined;
}
