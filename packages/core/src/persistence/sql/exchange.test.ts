import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool, type PoolClient } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPostgres } from "../../testing/services/postgres.ts";
import { poolOf } from "../pglite/connection-pool.ts";
import { startDatabase, stopDatabase } from "../pglite/worker-thread.ts";
import { exchange, type Sent } from "./exchange.ts";

const slowMs = 60_000;
const server = await startPostgres();
if (server === null) console.warn("SKIPPED, exchanges with PostgreSQL. It was not found: install it or set DATABASE_URL.");
afterAll(() => server?.stop());

/** Each with a pool of one connection, so that what a statement leaves behind on it is met by the next. */
const databases = [
  {
    name: "PostgreSQL",
    there: server !== null,
    open: async () => {
      const pool = new Pool({ connectionString: server?.url, max: 1 });
      return { pool, close: () => pool.end() };
    },
  },
  {
    name: "PGlite",
    there: true,
    open: async () => {
      const folder = await mkdtemp(join(tmpdir(), "orquestra-exchange-"));
      const worker = await startDatabase({ kind: "serve", folder, template: null });
      const pool = poolOf(worker);
      const close = async (): Promise<void> => {
        await pool.end();
        await stopDatabase(worker);
        await rm(folder, { recursive: true });
      };
      return { pool, close };
    },
  },
];

const ask = (text: string, ...values: readonly unknown[]): Sent => ({ text, values });

describe.each(databases)("statements that are exchanged with $name", ({ there, open }) => {
  let client: PoolClient;
  let close = async (): Promise<void> => undefined;
  beforeAll(async () => {
    if (!there) return;
    const opened = await open();
    client = await opened.pool.connect();
    await client.query("create temporary table things (id text primary key, size integer)");
    close = async () => {
      client.release();
      await opened.close();
    };
  }, slowMs);
  afterAll(() => close(), slowMs);

  it.skipIf(!there)("bring the rows of each, with values as records have them", async () => {
    const statement = ask(
      "select true as yes, 7::bigint as many, '{\"a\":[1]}'::json as json, null::text as nothing, '2026-01-31 12:00:00.5+00'::timestamptz as at, '\\x00ff'::bytea as bytes",
    );
    const row = {
      yes: true,
      many: 7,
      json: { a: [1] },
      nothing: null,
      at: "2026-01-31T12:00:00.500Z",
      bytes: Buffer.from([0, 255]),
    };
    const two = ask("select word from unnest(array['a', 'b']) as word");
    for (const round of ["first", "again"]) {
      const answers = await exchange(client, [statement, two, ask("select where false")]);
      expect(answers, round).toEqual([[row], [{ word: "a" }, { word: "b" }], []]);
    }
  });

  it.skipIf(!there)("take values of every kind as they are", async () => {
    const words = ["", 'a "quoted" one', String.raw`back\slash`, "a, b", "{}", "NULL", null, "línea\nnueva"];
    const bytes = new Uint8Array([0, 1, 255]);
    const [[row] = []] = await exchange(client, [
      ask(
        "select $1::text[] as words, $2::integer[] as numbers, $3::json as json, $4::bytea as bytes, $5::boolean as yes, $6::double precision as half, $7::text as nothing, array_length($1::text[], 1) as count",
        words,
        [1, 2],
        { a: "b" },
        bytes,
        false,
        0.5,
        undefined,
      ),
    ]);
    expect(row).toMatchObject({
      json: { a: "b" },
      bytes: Buffer.from(bytes),
      yes: false,
      half: 0.5,
      nothing: null,
      count: words.length,
    });
    const sent = ask("select word from unnest($1::text[]) with ordinality as list (word, ordinal) order by ordinal", words);
    const [list = []] = await exchange(client, [sent]);
    expect(list).toEqual(words.map((word) => ({ word })));
  });

  it.skipIf(!there)("are one transaction: none counts when one fails, and the connection goes on", async () => {
    const insert = (id: string, size: unknown): Sent => ask("insert into things values ($1, $2)", id, size);
    const count = ask("select count(*) as count from things");
    await expect(exchange(client, [insert("a", 1), insert("a", 2), insert("b", 3)])).rejects.toMatchObject({ code: "23505" });
    expect(await exchange(client, [count])).toEqual([[{ count: 0 }]]);
    await exchange(client, [insert("a", 1), insert("b", 2)]);
    expect(await exchange(client, [count, ask("select size from things order by id")])).toEqual([
      [{ count: 2 }],
      [{ size: 1 }, { size: 2 }],
    ]);
  });

  it.skipIf(!there)("can be sent again after one of them could not be prepared", async () => {
    const read = ask("select * from later");
    await expect(exchange(client, [ask("select 1 as one"), read])).rejects.toMatchObject({ code: "42P01" });
    await client.query("create temporary table later (id integer)");
    expect(await exchange(client, [ask("select 1 as one"), read])).toEqual([[{ one: 1 }], []]);
  });

  it.skipIf(!there)("are not sent at all with a value that is none", async () => {
    for (const value of [Symbol("none"), () => undefined, [{}]])
      await expect(exchange(client, [ask("insert into things values ('c', $1)", value)])).rejects.toThrow("is no value of a");
    expect(await exchange(client, [ask("select id from things where id = 'c'")])).toEqual([[]]);
  });
});
