import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCuttingProxy } from "../../testing/services/cutting-proxy.ts";
import { rightPassword, startPostgres, startPostgresServer } from "../../testing/services/postgres.ts";
import { changes, notices, seqsOf, session } from "../../testing/store-conformance/scene.ts";
import { storeConformance } from "../../testing/store-conformance.ts";
import type { Store } from "../index.ts";
import { openPostgresStore } from "./index.ts";

const slowMs = 60_000;
const database = await startPostgres();
/** The suites about outages need a server of their own, to bring it down. */
const server = await startPostgresServer();
const missing = "PostgreSQL was not found: install it or set DATABASE_URL";
if (database === null || server === null) console.warn(`SKIPPED, some of the PostgreSQL suites. ${missing}.`);

afterAll(async () => {
  await database?.stop();
  await server?.stop();
});

async function openWithSession(url: string, sessionId: string): Promise<Store> {
  const store = await openPostgresStore({ url });
  await store.commit(changes({ put: "sessions", record: session({ id: sessionId, userId: "ada" }) }));
  return store;
}

it.runIf(process.env["CI"] === "true")("runs against PostgreSQL in CI", () => {
  expect(database !== null && server !== null, missing).toBe(true);
});

describe.skipIf(database === null)("the PostgreSQL store", () => {
  const url = database?.url ?? "";
  let store: Store;
  beforeAll(async () => {
    store = await openPostgresStore({ url });
  }, slowMs);
  afterAll(() => store.close());

  const reopen = async (): Promise<Store> => {
    await store.close();
    store = await openPostgresStore({ url });
    return store;
  };
  const cases = storeConformance("on PostgreSQL it", async () => ({ store, reopen, dispose: () => Promise.resolve() }));
  for (const { title, run } of cases) it(title, run, slowMs);

  it("writes a batch once when the answer was lost and it is committed again", async () => {
    const proxy = await startCuttingProxy(url);
    const slow = await openWithSession(proxy.url, "lost-answer");
    const batch = notices("lost-answer", "a", "b");
    proxy.loseCommit();
    await expect(slow.commit(batch)).rejects.toMatchObject({ code: "unavailable", retryable: true });
    await store.commit(notices("lost-answer", "in between"));
    const written = await slow.commit(batch);
    expect(seqsOf(written)).toEqual([1, 2]);
    expect((await store.events.read("lost-answer", 0, 10)).slice(0, 2)).toEqual(written);
    expect(await store.events.lastSeq("lost-answer")).toBe(3);
    expect(seqsOf(await slow.commit(notices("lost-answer", "c")))).toEqual([4]);
    await slow.close();
    await proxy.close();
  });

  it("writes a batch once when it was still on its way as it was committed again", async () => {
    const proxy = await startCuttingProxy(url);
    const slow = await openPostgresStore({ url: proxy.url, poolSize: 1 });
    await store.commit(changes({ put: "sessions", record: session({ id: "on-its-way", userId: "ada" }) }));
    const batch = notices("on-its-way", "a", "b");
    const stranded = proxy.strandTransaction();
    await Promise.all([expect(slow.commit(batch)).rejects.toMatchObject({ code: "unavailable" }), stranded]);
    expect(seqsOf(await slow.commit(batch))).toEqual([1, 2]);
    await proxy.deliver();
    expect(await store.events.lastSeq("on-its-way")).toBe(2);
    await slow.close();
    await proxy.close();
  });

  it("says what became of a batch whose answer was lost, and that one which is still on its way never will be written", async () => {
    const proxy = await startCuttingProxy(url);
    const slow = await openPostgresStore({ url: proxy.url, poolSize: 1 });
    await store.commit(changes({ put: "sessions", record: session({ id: "settled", userId: "ada" }) }));
    const [heard, stays] = [notices("settled", "a"), notices("settled", "b")];
    proxy.loseCommit();
    await expect(slow.commit(heard)).rejects.toMatchObject({ code: "unavailable" });
    expect(seqsOf((await slow.settle(heard)) ?? [])).toEqual([1]);
    const stranded = proxy.strandTransaction();
    await Promise.all([expect(slow.commit(stays)).rejects.toMatchObject({ code: "unavailable" }), stranded]);
    expect(await slow.settle(stays)).toBe(null);
    await proxy.deliver();
    expect(await store.events.lastSeq("settled")).toBe(1);
    await slow.close();
    await proxy.close();
  });

  it("writes a batch once when it waited for its turn as it was committed again", async () => {
    const proxy = await startCuttingProxy(url);
    const slow = await openPostgresStore({ url: proxy.url });
    await store.commit(changes({ put: "sessions", record: session({ id: "in-line", userId: "ada" }) }));
    const [holder, looker] = [new Client({ connectionString: url }), new Client({ connectionString: url })];
    await Promise.all([holder.connect(), looker.connect()]);
    await holder.query("begin; select id from sessions where id = 'in-line' for update");
    const batch = notices("in-line", "a", "b");
    const first = slow.commit(batch);
    const inLine = async (): Promise<number> =>
      (await looker.query("select 1 from pg_stat_activity where wait_event_type = 'Lock'")).rows.length;
    await expect.poll(inLine).toBe(1);
    proxy.cut();
    await expect(first).rejects.toMatchObject({ code: "unavailable" });
    const second = slow.commit(batch);
    await expect.poll(inLine).toBe(2);
    await holder.query("commit");
    await Promise.all([holder.end(), looker.end()]);
    expect(seqsOf(await second)).toEqual([1, 2]);
    expect(await store.events.lastSeq("in-line")).toBe(2);
    await slow.close();
    await proxy.close();
  });

  it.each([
    ["a search", "messages", (at: Store) => at.messages.search("ada", "word", 10)],
    ["a page of a log", "events", (at: Store) => at.events.read("held-up", 0, 500)],
    ["the todos of a run", "todos", (at: Store) => at.todos.list("run")],
    ["the checkpoints of a run", "checkpoints", (at: Store) => at.checkpoints.list("run")],
    ["a snapshot", "snapshots", (at: Store) => at.snapshots.newest("held-up")],
  ] as const)("lets %s that takes long hold up no small read", async (_, table, ask) => {
    const own = await openWithSession(url, "held-up");
    const holder = new Client({ connectionString: url });
    await holder.connect();
    await holder.query(`begin; lock table ${table} in access exclusive mode`);
    let found: unknown = "nothing yet";
    const asked = ask(own).then((rows) => (found = rows));
    expect((await own.sessions.get("held-up"))?.id).toBe("held-up");
    expect(found).toBe("nothing yet");
    await holder.query("rollback");
    await holder.end();
    expect((await asked) ?? []).toEqual([]);
    await own.close();
  });

  it("reads times the same in every time zone of the server", async () => {
    const elsewhere = new URL(url);
    elsewhere.searchParams.set("options", "-c TimeZone=Asia/Kolkata");
    const far = await openWithSession(elsewhere.href, "far-away");
    expect(await far.sessions.get("far-away")).toEqual(await store.sessions.get("far-away"));
    expect((await far.sessions.get("far-away"))?.createdAt).toBe("2026-03-01T10:00:00.123Z");
    await far.close();
  });
});

describe.skipIf(server === null)("a PostgreSQL server that is not there", () => {
  const url = server?.url ?? "";

  it(
    "makes commits and reads unavailable, and they work again when it is back",
    async () => {
      const store = await openWithSession(url, "outage");
      await store.commit(notices("outage", "before"));
      await server?.halt();
      const outage = { code: "unavailable", retryable: true };
      for (let attempt = 0; attempt < 3; attempt++) {
        await expect(store.commit(notices("outage", "lost"))).rejects.toMatchObject(outage);
        await expect(store.events.read("outage", 0, 10)).rejects.toMatchObject(outage);
        await expect(store.ping()).rejects.toMatchObject(outage);
      }
      await server?.restart();
      expect(seqsOf(await store.commit(notices("outage", "after")))).toEqual([2]);
      await store.ping();
      await store.close();
    },
    slowMs,
  );

  it(
    "breaks what is under way, without ending the process",
    async () => {
      const store = await openWithSession(url, "under-way");
      const works = Array.from({ length: 30 }, (_, index) => store.commit(notices("under-way", `${index}`)));
      const settled = Promise.allSettled(works);
      await server?.halt();
      const refusals = (await settled).flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
      for (const refusal of refusals) expect(refusal).toMatchObject({ code: "unavailable" });
      await server?.restart();
      const read = await store.events.read("under-way", 0, 100);
      expect(read.length).toBeGreaterThanOrEqual(30 - refusals.length);
      await store.close();
    },
    slowMs,
  );

  it.each<[what: string, change: (url: URL) => unknown, retryable: boolean, message: RegExp]>([
    [
      "nobody listens",
      (to) => (to.port = "1"),
      true,
      /^PostgreSQL at 127\.0\.0\.1:1: The database does not answer \(ECONNREFUSED\)\. Check that it runs and can be reached\.$/,
    ],
    [
      "there is no such machine",
      (to) => (to.hostname = "nowhere.invalid"),
      true,
      /^PostgreSQL at nowhere\.invalid:\d+: The database does not answer \(E\w+\)\. Check that it runs and can be reached\.$/,
    ],
    [
      "the password is wrong",
      () => undefined,
      false,
      /^PostgreSQL at [\d.:]+: The database refused the connection \(28P01\)\. Check user, password and name in DATABASE_URL\.$/,
    ],
    [
      "the user is unknown",
      (to) => (to.username = "nobody"),
      false,
      /^PostgreSQL at [\d.:]+: The database refused the connection \(28000\)\. Check user, password and name in DATABASE_URL\.$/,
    ],
    [
      "there is no such database",
      (to) => ([to.username, to.pathname] = ["postgres", "/nowhere"]),
      false,
      /^PostgreSQL at [\d.:]+: The database refused the connection \(3D000\)\. Check user, password and name in DATABASE_URL\.$/,
    ],
  ])("is told at once when %s, without a secret", async (_what, change, retryable, message) => {
    const target = new URL(server?.guarded("made-up-secret") ?? url);
    change(target);
    const error: unknown = await openPostgresStore({ url: target.href }).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ code: "unavailable", retryable, message: expect.stringMatching(message) as unknown });
    expect(String(error)).not.toContain("made-up-secret");
  });

  it("takes the right password", async () => {
    const store = await openPostgresStore({ url: server?.guarded(rightPassword) ?? "" });
    await store.ping();
    await store.close();
  });
});

describe.skipIf(server === null)("an empty database", () => {
  it(
    "may be opened by several nodes at once",
    async () => {
      const fresh = await startPostgresServer();
      const stores = await Promise.all(Array.from({ length: 4 }, () => openPostgresStore({ url: fresh?.url ?? "" })));
      await Promise.all(stores.map((store) => store.ping()));
      for (const store of stores) expect(await store.users.list()).toEqual([]);
      await Promise.all(stores.map((store) => store.close()));
      await fresh?.stop();
    },
    slowMs,
  );
});
