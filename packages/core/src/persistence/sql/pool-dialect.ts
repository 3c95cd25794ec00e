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
import { prepared } from "./prepared.ts";
import { soughtValue } from "./statement.ts";

/** Kysely over a pool of `pg`: like its own dialect, with every query a prepared statement. */
export function poolDialect(pool: Pool): Dialect {
  return {
    createDriver: () => new PoolDriver(pool),
    createAdapter: () => new PostgresAdapter(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
  };
}

class PoolDriver implements Driver {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  async acquireConnection(): Promise<PoolConnection> {
    return new PoolConnection(await this.#pool.connect());
  }

  async beginTransaction(connection: PoolConnection): Promise<void> {
    await connection.client.query("begin");
  }

  async commitTransaction(connection: PoolConnection): Promise<void> {
    await connection.client.query("commit");
  }

  async rollbackTransaction(connection: PoolConnection): Promise<void> {
    await connection.client.query("rollback");
  }

  async releaseConnection(connection: PoolConnection): Promise<void> {
    connection.client.release();
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

class PoolConnection implements DatabaseConnection {
  readonly client: PoolClient;

  constructor(client: PoolClient) {
    this.client = client;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, rowCount } = await this.client.query(
      prepared({ text: sql, values: parameters.map((value) => soughtValue(value)) }),
    );
    // oxlint-disable-next-line typescript/no-unsafe-assignment -- the driver cannot know the type of rows, the query builder does
    return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
  }

  streamQuery(): never {
    throw new Error("the store reads in pages and never streams");
  }
}
