import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../lib/ids.ts";
import { startPostgres } from "../../testing/services/postgres.ts";
import { run } from "../../testing/store-conformance/records.ts";
import { changes, notices, seqsOf, session } from "../../testing/store-conformance/scene.ts";
import { type RunRecord, type Store, StoreError } from "../index.ts";
import { runnable } from "../sql/ownership.ts";
import { openPostgresStore } from "./index.ts";

const slowMs = 60_000;
const userId = "ada";
/** Longer than any test. */
const livesOn = { leaseMs: 600_000 };
const database = await startPostgres();
const url = database?.url ?? "";
if (database === null) console.warn("SKIPPED, who owns a run on PostgreSQL. It was not found: install it or set DATABASE_URL.");
afterAll(() => database?.stop());

describe.skipIf(database === null)("two nodes on one PostgreSQL", () => {
  let stores: readonly [Store, Store];
  let client: Client;
  beforeAll(async () => {
    stores = [await openPostgresStore({ url }), await openPostgresStore({ url })];
    client = new Client({ connectionString: url });
    await client.connect();
  }, slowMs);
  afterAll(async () => {
    await client.end();
    await Promise.all(stores.map((store) => store.close()));
  });

  async function queue(sessions: number): Promise<readonly RunRecord[]> {
    const ids = Array.from({ length: sessions }, () => newId());
    await stores[0].commit(changes(...ids.map((id) => ({ put: "sessions", record: session({ id, userId }) }) as const)));
    const runs = ids.map((sessionId) => run({ userId, sessionId }));
    await stores[0].commit(changes(...runs.map((record) => ({ put: "runs", record }) as const)));
    return runs;
  }

  async function nodesOf(store: Store, many: number): Promise<readonly { readonly store: Store; readonly nodeId: string }[]> {
    const nodes = Array.from({ length: many }, () => ({ store, nodeId: newId() }));
    await Promise.all(nodes.map(({ nodeId }) => store.ownership.beat(nodeId, livesOn)));
    return nodes;
  }

  it(
    "claim each of 20 sessions once with 200 claims at the same moment",
    async () => {
      const runs = await queue(20);
      const nodes = [...(await nodesOf(stores[0], 5)), ...(await nodesOf(stores[1], 5))];
      const claims = nodes.flatMap(({ store, nodeId }) =>
        runs.map(({ sessionId }) => store.ownership.claim({ sessionId, nodeId, parked: false })),
      );
      const won = (await Promise.all(claims)).filter((claimed) => claimed !== null);
      expect(claims.length).toBe(200);
      expect(won.map(({ id }) => id).toSorted()).toEqual(runs.map(({ id }) => id).toSorted());
      expect(new Set(won.map(({ epoch }) => epoch))).toEqual(new Set([1]));
      for (const { id, owner } of won) expect((await stores[1].runs.get(id))?.owner).toBe(owner);
    },
    slowMs,
  );

  it(
    "take runs over from each other while the former owner writes, without a deadlock and one at a time",
    async () => {
      const runs = await queue(8);
      const nodes = [...(await nodesOf(stores[0], 1)), ...(await nodesOf(stores[1], 1))];
      const written = await Promise.all(runs.map(({ sessionId }) => fight(sessionId, nodes)));
      for (const [index, { sessionId }] of runs.entries()) {
        const events = await stores[0].events.read(sessionId, 0, 10_000);
        expect(seqsOf(events)).toEqual(events.map((_, at) => at + 1));
        const epochs = events.map(({ data }) => Number("text" in data ? data.text : Number.NaN));
        expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
        expect(events.length).toBe(written[index]);
      }
    },
    slowMs,
  );

  /** Nodes take a session from each other, each writing under its epoch until it is refused. Resolves with how many events were acknowledged. */
  async function fight(sessionId: string, nodes: Awaited<ReturnType<typeof nodesOf>>): Promise<number> {
    let acknowledged = 0;
    const writers: Promise<void>[] = [];
    for (let round = 0; round < 10; round++) {
      for (const { store } of nodes) {
        const nodeId = newId();
        await store.ownership.beat(nodeId, livesOn);
        const owned = await store.ownership.claim({ sessionId, nodeId, parked: false });
        expect(owned?.epoch).toBe(writers.length + 1);
        if (owned === null) continue;
        let first = (): void => undefined;
        const begun = new Promise<void>((resolve) => (first = resolve));
        writers.push(
          writeUntilRefused(store, owned, () => {
            acknowledged += 1;
            first();
          }),
        );
        await begun;
        await store.ownership.end(nodeId);
      }
    }
    const [{ store } = { store: stores[0] }] = nodes;
    const last = newId();
    await store.ownership.beat(last, livesOn);
    expect(await store.ownership.claim({ sessionId, nodeId: last, parked: false })).not.toBeNull();
    await Promise.all(writers);
    return acknowledged;
  }

  /** Appends, with and without a row beside it, and rows alone: all the ways a commit takes its locks. */
  async function writeUntilRefused(store: Store, record: RunRecord, written: () => void): Promise<void> {
    const fence = { runId: record.id, epoch: record.epoch };
    const put = { put: "runs", record } as const;
    const event = notices(record.sessionId, String(record.epoch));
    for (;;) {
      const batches = [
        { ...event, fence },
        { ...event, changes: [put], fence },
        { ...changes(put), fence },
      ];
      const settled = await Promise.allSettled(batches.map((batch) => store.commit(batch)));
      for (const result of settled) {
        if (result.status === "fulfilled" && result.value.length > 0) written();
        if (result.status === "rejected" && !isStale(result.reason)) throw result.reason;
      }
      if (settled.some(({ status }) => status === "rejected")) return;
    }
  }

  it(
    "find what is runnable by indexes, among 100,000 ended runs and 10,000 parked ones",
    async () => {
      await fill();
      const ids = await queue(3);
      for (const mode of ["auto", "force_generic_plan"]) {
        await client.query(`set plan_cache_mode = ${mode}`);
        await client.query(`prepare sought(bigint) as ${runnable}`);
        const { rows } = await client.query<{ "QUERY PLAN": string }>("explain (analyze, buffers) execute sought(100)");
        await client.query("deallocate sought");
        const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
        expect(plan).toContain("using runs_free");
        expect(plan).toContain("using runs_in_line");
        expect(plan).not.toContain("Seq Scan on runs");
        expect(pagesRead(plan), plan).toBeLessThan(500);
      }
      const found = (await stores[0].ownership.runnable(100)).map(({ runId }) => runId);
      expect(found).toEqual(expect.arrayContaining(ids.map(({ id }) => id)));
    },
    slowMs,
  );

  async function fill(): Promise<void> {
    await client.query(`insert into sessions (id, user_id, tenant, title, model, mode, archived, created_at, updated_at)
      select 's' || i, 'ada', 'home', '', 'demo', 'ask', false, now(), now() from generate_series(1, 10000) i`);
    const insert = (runs: number, status: string) =>
      client.query(`insert into runs (id, session_id, user_id, message_id, status, model, turn, usage, epoch, queued_at)
        select '${status}' || i, 's' || (1 + i % 10000), 'ada', '', '${status}', 'demo', 1, '{}', 1, now() - i * interval '1 second'
        from generate_series(1, ${runs}) i`);
    await insert(100_000, "completed");
    await insert(10_000, "waiting");
    await client.query("analyze");
  }
});

function isStale(error: unknown): boolean {
  return error instanceof StoreError && error.code === "stale_epoch";
}

function pagesRead(plan: string): number {
  const [, hit = "0", read = "0"] = /Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?/.exec(plan) ?? [];
  return Number(hit) + Number(read);
}
