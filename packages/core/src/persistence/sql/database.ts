import { CamelCasePlugin, Kysely } from "kysely";
import type { Pool, PoolClient } from "pg";
import { StoreError } from "../store-error.ts";
import { storeFailure } from "./failure.ts";
import { migrate } from "./migrations/index.ts";
import { poolDialect } from "./pool-dialect.ts";
import { prepared } from "./prepared.ts";
import type { Schema } from "./schema.ts";
import type { Statement } from "./statement.ts";

/** A query that Kysely can run. */
interface Query<T> {
  execute(): Promise<readonly T[]>;
}

export function storeClosed(): StoreError {
  return new StoreError("unavailable", "The store is closed.");
}

/** The database behind a store: reads are Kysely's, writes are statements. Its errors are StoreErrors. */
export class Database {
  readonly query: Kysely<Schema>;
  readonly #pool: Pool;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  constructor(pool: Pool) {
    this.#pool = pool;
    pool.on("error", dropped);
    pool.on("connect", (client) => client.on("error", dropped));
    this.query = new Kysely<Schema>({
      dialect: poolDialect(pool),
      plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
    });
  }

  /** How many transactions it can carry out at the same time. */
  get connections(): number {
    return this.#pool.options.max;
  }

  async all<T>(query: Query<T>): Promise<readonly T[]> {
    return this.#guarded(() => query.execute());
  }

  async first<T>(query: Query<T>): Promise<T | null> {
    return (await this.all(query))[0] ?? null;
  }

  async migrate(): Promise<void> {
    await this.#guarded(() => migrate(this.query));
  }

  /**
   * Runs the statements as one transaction and resolves with the rows of the last. They are sent without waiting in between, so the whole
   * costs one round trip; after a failed statement the database ignores the rest, and rolls back at `commit`. What comes first in it
   * may be found out by a query.
   */
  async transaction(
    rest: readonly Statement[],
    first: ((query: Kysely<Schema>) => Promise<readonly Statement[]>) | null = null,
  ): Promise<readonly unknown[]> {
    return this.#guarded(async () => {
      const statements = first === null ? rest : [...(await first(this.query)), ...rest];
      const client = await this.#pool.connect();
      try {
        return statements.length > 1 ? await sendTransaction(client, statements) : ((await sendAll(client, statements))[0] ?? []);
      } finally {
        client.release();
      }
    });
  }

  async ping(): Promise<void> {
    await this.#guarded(() => this.#pool.query("select 1"));
  }

  /** Waits for what is under way, which the pool would not: whoever still waits there for a connection would wait for ever. */
  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#underWay).then(() => this.query.destroy());
    return this.#closing;
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing !== null) throw storeClosed();
    const working = work();
    this.#underWay.add(working);
    try {
      return await working;
    } catch (error) {
      throw storeFailure(error);
    } finally {
      this.#underWay.delete(working);
    }
  }
}

/**
 * A connection that breaks says so in an event, which would end the process if nobody listened. There is nothing to do there: its queries
 * fail on their own, the pool drops it, and the next query gets a new one or `unavailable`.
 */
function dropped(): void {
  return undefined;
}

const begin: Statement = { text: "begin", values: [] };
const commit: Statement = { text: "commit", values: [] };

async function sendTransaction(client: PoolClient, statements: readonly Statement[]): Promise<readonly unknown[]> {
  return (await sendAll(client, [begin, ...statements, commit])).at(-2) ?? [];
}

/** The rows of each. Waits for all answers, since the connection must be idle before it is given back; throws the first failure. */
async function sendAll(client: PoolClient, statements: readonly Statement[]): Promise<readonly (readonly unknown[])[]> {
  const answers = await Promise.allSettled(statements.map((statement) => client.query(prepared(statement))));
  return answers.map((answer) => {
    if (answer.status === "rejected") throw answer.reason;
    const rows: readonly unknown[] = answer.value.rows;
    return rows;
  });
}
