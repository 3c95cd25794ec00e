import { CamelCasePlugin, Kysely } from "kysely";
import type { Pool } from "pg";
import { type Answers, exchange, type Sent } from "./exchange.ts";
import { isUnavailable, storeClosed, storeFailure } from "./failure.ts";
import { migrate } from "./migrations/index.ts";
import { type Ask, poolDialect, type Ways } from "./pool-dialect.ts";
import type { Schema } from "./schema.ts";
import type { Statement } from "./statement.ts";
import { Together } from "./together.ts";

/** A query that Kysely can run. */
interface Query<T> {
  execute(): Promise<readonly T[]>;
}

/** Groups of small reads under way at the same time, and reads in one. */
const readLanes = 4;
const mostReads = 16;

/** The database behind a store: reads are Kysely's, writes are statements. Its errors are StoreErrors. */
export class Database {
  /** For small reads, of which those that come together go together; and for writes, each of which goes for itself. */
  readonly query: Kysely<Schema>;
  /** For reads that may take long or bring much, and would hold up others: each goes for itself. */
  readonly large: Kysely<Schema>;
  readonly #pool: Pool;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  constructor(pool: Pool) {
    this.#pool = pool;
    pool.on("error", dropped);
    pool.on("connect", (client) => client.on("error", dropped));
    const carryOut = (group: readonly Sent[]): Promise<Answers> => this.#exchange(group);
    const reads = new Together({ lanes: Math.min(readLanes, pool.options.max), chooser: firstReads, carryOut });
    const alone: Ask = async (statement) => (await this.#exchange([statement]))[0] ?? [];
    this.query = queriesOf(pool, { read: (statement) => reads.add(statement), write: alone });
    this.large = queriesOf(pool, { read: alone, write: alone });
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
   * costs one round trip. What comes first in it may be found out by a query.
   */
  async transaction(
    rest: readonly Statement[],
    first: ((query: Kysely<Schema>) => Promise<readonly Statement[]>) | null = null,
  ): Promise<readonly unknown[]> {
    return this.#guarded(async () => {
      const statements = first === null ? rest : [...(await first(this.query)), ...rest];
      return (await this.#exchange(statements)).at(-1) ?? [];
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

  async #exchange(statements: readonly Sent[]): Promise<Answers> {
    const client = await this.#pool.connect().catch(failAsStore);
    try {
      const answers = await exchange(client, statements);
      client.release();
      return answers;
    } catch (error) {
      const failure = storeFailure(error);
      // A connection on which no answer came in time may never bring one: whoever asks next must not wait for that.
      client.release(isUnavailable(failure));
      throw failure;
    }
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

function failAsStore(error: unknown): never {
  throw storeFailure(error);
}

function queriesOf(pool: Pool, ways: Ways): Kysely<Schema> {
  const plugins = [new CamelCasePlugin({ maintainNestedObjectKeys: true })];
  return new Kysely<Schema>({ dialect: poolDialect(pool, ways), plugins });
}

function firstReads(): () => boolean {
  let reads = 0;
  return () => reads++ < mostReads;
}
