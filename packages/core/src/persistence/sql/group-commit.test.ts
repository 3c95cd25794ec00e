import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../lib/ids.ts";
import { startCuttingProxy } from "../../testing/services/cutting-proxy.ts";
import { startPostgres } from "../../testing/services/postgres.ts";
import { changes, notices, seqsOf, session, textsOf } from "../../testing/store-conformance/scene.ts";
import { openInMemoryStore } from "../in-memory/index.ts";
import type { Batch, Store } from "../index.ts";
import { openPGliteStore } from "../pglite/index.ts";
import { openPostgresStore } from "../postgres/index.ts";
import { batchOf, outcomeOf, type Place, place, rounds, stateOf } from "./random-batches.fixture.ts";

const slowMs = 120_000;
const database = await startPostgres();
if (database === null)
  console.warn("SKIPPED, groups of commits on PostgreSQL. It was not found: install it or set DATABASE_URL.");
const folder = await mkdtemp(join(tmpdir(), "orquestra-group-"));
afterAll(async () => {
  await database?.stop();
  await rm(folder, { recursive: true });
});

const stores = [
  { name: "PGlite", there: true, open: () => openPGliteStore({ dataFolder: folder }) },
  { name: "PostgreSQL", there: database !== null, open: () => openPostgresStore({ url: database?.url ?? "" }) },
];

async function prepared(store: Store, { userId, sessionIds, runIds }: Place): Promise<void> {
  const records = sessionIds.map((id) => session({ id, userId }));
  await store.commit(changes(...records.map((record) => ({ put: "sessions", record }) as const)));
  expect(runIds).toHaveLength(sessionIds.length + 1);
}

describe.each(stores)("batches of many sessions that come at once, on $name", ({ there, open }) => {
  let store: Store;
  beforeAll(async () => {
    if (there) store = await open();
  }, slowMs);
  afterAll(() => store?.close(), slowMs);

  it.skipIf(!there)(
    "end as if each had been committed by itself, whichever of them are refused",
    async () => {
      await fc.assert(
        fc.asyncProperty(rounds, async (given) => {
          const here = place();
          const oracle = openInMemoryStore();
          for (const each of [store, oracle]) await prepared(each, here);
          for (const round of given) {
            const batches = await Promise.all(round.map((spec, index) => batchOf(spec, { here, index, store: oracle })));
            const got = await Promise.all(batches.map((batch) => outcomeOf(store.commit(batch))));
            const wanted: unknown[] = [];
            for (const batch of batches) wanted.push(await outcomeOf(oracle.commit(batch)));
            expect(got).toEqual(wanted);
          }
          expect(await stateOf(store, here)).toEqual(await stateOf(oracle, here));
        }),
        { numRuns: 25 },
      );
    },
    slowMs,
  );

  it.skipIf(!there)("carry out a command once that comes for two sessions, and all that came with it", async () => {
    const here = place();
    await prepared(store, here);
    const command = {
      userId: here.userId,
      id: newId(),
      sessionId: null,
      bodyHash: "hash",
      reply: null,
      at: "2026-03-01T10:00:00.000Z",
    };
    const works = here.sessionIds.map((id, index) =>
      outcomeOf(store.commit({ ...notices(id, `${index}`), ...(index < 2 ? { command } : {}) })),
    );
    const outcomes = await Promise.all(works);
    expect(outcomes.slice(0, 2).filter((outcome) => outcome === "duplicate_command")).toHaveLength(1);
    for (const id of here.sessionIds.slice(2)) expect(await store.events.lastSeq(id)).toBe(1);
  });
});

describe.skipIf(database === null)("on PostgreSQL, batches of many sessions that come at once", () => {
  const url = database?.url ?? "";

  it("share a transaction", async () => {
    const store = await openPostgresStore({ url });
    const here = place();
    await prepared(store, here);
    await Promise.all(here.sessionIds.map((id) => store.commit(notices(id, "a", "b"))));
    const client = new Client({ connectionString: url });
    await client.connect();
    const text =
      "select count(distinct xmin::text)::int as transactions, count(*)::int as events from events where session_id = any($1)";
    const { rows } = await client.query(text, [here.sessionIds]);
    expect(rows).toEqual([{ transactions: 1, events: 2 * here.sessionIds.length }]);
    await client.end();
    await store.close();
  });

  it("on two nodes, in opposite orders, do not wait for each other in a circle", async () => {
    const nodes = await Promise.all([openPostgresStore({ url }), openPostgresStore({ url })]);
    const here = place();
    await prepared(nodes[0], here);
    const counted = (id: string, tool: string): Batch => ({
      ...notices(id, tool),
      changes: [{ count: "tool-usage", record: { day: "2026-03-01", userId: here.userId, tool, calls: 1, errors: 0, ms: 1 } }],
    });
    const tools = here.sessionIds.map((_, index) => `tool ${index}`);
    for (let round = 0; round < 20; round++) {
      const there = here.sessionIds.map((id, index) => nodes[0].commit(counted(id, tools[index] ?? "")));
      const back = here.sessionIds.toReversed().map((id, index) => nodes[1].commit(counted(id, tools[index] ?? "")));
      await Promise.all([...there, ...back]);
    }
    for (const id of here.sessionIds) expect(await nodes[0].events.lastSeq(id)).toBe(40);
    const counts = await nodes[0].toolUsage.list(here.userId);
    expect(counts.map(({ calls }) => calls)).toEqual(here.sessionIds.map(() => 40));
    for (const node of nodes) await node.close();
  });

  it(
    "are each written once when the connection is cut anywhere in the answer and they are committed again",
    async () => {
      const proxy = await startCuttingProxy(url);
      const store = await openPostgresStore({ url: proxy.url });
      let writtenUnheard = 0;
      const cut = fc.integer({ min: 0, max: 700 });
      await fc.assert(
        fc.asyncProperty(cut, async (after) => {
          const here = place();
          await prepared(store, here);
          const batches = here.sessionIds.map((id) => notices(id, "a", "b"));
          proxy.cutNextAnswer(after);
          const first = await Promise.all(batches.map((batch) => outcomeOf(store.commit(batch))));
          proxy.cutNextAnswer(Infinity);
          const lost = batches.filter((_, index) => first[index] === "unavailable");
          for (const batch of lost) if (await store.events.lastSeq(batch.sessionId ?? "")) writtenUnheard++;
          const again = await Promise.all(lost.map((batch) => store.commit(batch)));
          expect(again.map(seqsOf)).toEqual(lost.map(() => [1, 2]));
          for (const id of here.sessionIds) expect(textsOf(await store.events.read(id, 0, 10))).toEqual(["a", "b"]);
        }),
        { numRuns: 30 },
      );
      expect(writtenUnheard, "batches that were written although nobody heard so").toBeGreaterThan(0);
      await store.close();
      await proxy.close();
    },
    slowMs,
  );
});
