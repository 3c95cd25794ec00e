import { emptySession } from "@orquestra/protocol";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPostgres } from "../../testing/services/postgres.ts";
import { checkpoint, todo } from "../../testing/store-conformance/records.ts";
import { changes, session } from "../../testing/store-conformance/scene.ts";
import type { Store } from "../index.ts";
import { openPostgresStore } from "./index.ts";

const database = await startPostgres();
const home = { userId: "ada", sessionId: "of-payloads" };
const text = "no row should hold this ".repeat(10_000);

describe.skipIf(database === null)("payloads in PostgreSQL", () => {
  let store: Store;
  let client: Client;
  beforeAll(async () => {
    const url = database?.url ?? "";
    store = await openPostgresStore({ url });
    client = new Client({ connectionString: url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await store.close();
    await database?.stop();
  });

  const rows = async (query: string) => (await client.query<{ readonly [column: string]: string }>(query)).rows;
  const versions = () => rows("select hash, xmin, ctid from payloads order by hash");

  it("stand once beside the rows that name them, and are not written again with them", async () => {
    await store.commit(changes({ put: "sessions", record: session({ id: home.sessionId, userId: home.userId }) }));
    const record = todo(home, { args: { text }, result: { text: `result ${text}` } });
    const file = Buffer.from(text);
    await store.commit(changes({ put: "todos", record: { ...record, result: null } }));
    await store.commit(
      changes({ put: "todos", record }, { put: "checkpoints", record: checkpoint(home, { before: file, after: file }) }),
    );
    const before = await versions();
    expect(before).toHaveLength(3);
    for (const status of ["running", "completed"] as const) {
      await store.commit(changes({ put: "todos", record: { ...structuredClone(record), status } }));
    }
    expect(await versions()).toEqual(before);
    const [row] = await rows("select max(pg_column_size(todos.*)) as widest from todos");
    expect(Number(row?.["widest"])).toBeLessThan(2_000);
  });

  it("go when the log is trimmed, a day after the last row has let go of them", async () => {
    const record = todo(home, { id: "edited", args: { text: `first ${text}` } });
    await store.commit(changes({ put: "todos", record }));
    await store.commit(changes({ put: "todos", record: { ...record, args: { text: `then ${text}` } } }));
    const count = async () => (await versions()).length;
    const before = await count();
    const seq = await store.events.lastSeq(home.sessionId);
    await store.events.trim({ ...emptySession(home.sessionId), seq });
    expect(await count()).toBe(before);
    await client.query("update payloads set at = now() - interval '25 hours'");
    await store.events.trim({ ...emptySession(home.sessionId), seq });
    expect(await count()).toBe(before - 1);
    expect((await store.todos.get(record.runId, record.id))?.args).toEqual({ text: `then ${text}` });
    await store.commit(changes({ put: "todos", record }));
    expect(await store.todos.get(record.runId, record.id)).toEqual(record);
  });

  it("say that something is missing instead of giving back nothing", async () => {
    const record = todo(home, { id: "lost", result: { text: `lost ${text}` } });
    await store.commit(changes({ put: "todos", record }));
    await client.query("delete from payloads where hash = (select result_payload from todos where id = 'lost')");
    await expect(store.todos.get(record.runId, "lost")).rejects.toMatchObject({ code: "corrupt" });
  });

  it("go with their session", async () => {
    await store.commit(changes({ delete: "sessions", id: home.sessionId }));
    expect(await versions()).toEqual([]);
  });
});
