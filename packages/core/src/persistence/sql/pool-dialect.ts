import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import type { Pool, PoolClient } from "pg";
import type { Sent } from "./exchange.ts";
import { soughtValue } from "./statement.ts";

export type Ask = (statement: Sent) => Promise<readonly unknown[]>;

/** How statements that belong to no transaction are carried out. Reads may go together. */
export interface Ways {
  readonly read: Ask;
  readonly write: Ask;
}

/** Kysely over a pool of `pg`: like its own dialect, but that only a transaction takes a connection for itself. */
export function poolDialect(pool: Pool, ways: Ways): Dialect {
  return {
    createDriver: () => new PoolDriver(pool, ways),
    createAdapter: () => new PostgresAdapter(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
  };
}

class PoolDriver implements Driver {
  readonly #pool: Pool;
  readonly #ways: Ways;

  constructor(pool: Pool, ways: Ways) {
    this.#pool = pool;
    this.#ways = ways;
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  acquireConnection(): Promise<PoolConnection> {
    return Promise.resolve(new PoolConnection(this.#ways));
  }

  async beginTransaction(connection: PoolConnection): Promise<void> {
    connection.client = await this.#pool.connect();
    await connection.client.query("begin");
  }

  async commitTransaction(connection: PoolConnection): Promise<void> {
    await connection.client?.query("commit");
  }

  async rollbackTransaction(connection: PoolConnection): Promise<void> {
    await connection.client?.query("rollback");
  }

  async releaseConnection(connection: PoolConnection): Promise<void> {
    connection.client?.release();
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

class PoolConnection implements DatabaseConnection {
  /** That of its transaction. */
  client: PoolClient | null = null;
  readonly #ways: Ways;

  constructor(ways: Ways) {
    this.#ways = ways;
  }

  async executeQuery<R>({ query, sql: text, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    if (this.client === null) {
      const ask = query.kind === "SelectQueryNode" ? this.#ways.read : this.#ways.write;
      const rows = await ask({ text, values: parameters.map((value) => soughtValue(value)) });
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the driver cannot know the type of rows, the query builder does
      return { rows: rows as R[] };
    }
    const { rows } = await this.client.query(text, [...parameters]);
    // oxlint-disable-next-line typescript/no-unsafe-assignment -- likewise
    return { rows };
  }

  streamQuery(): never {
    throw new Error("the store reads in pages and never streams");
  }
}
