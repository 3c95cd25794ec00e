import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import { openPGliteStore } from "../../persistence/pglite/index.ts";
import { poolOf } from "../../persistence/pglite/connection-pool.ts";
import { startDatabase, stopDatabase } from "../../persistence/pglite/worker-thread.ts";
import { openPostgresStore } from "../../persistence/postgres/index.ts";
import { Database, valueParsers } from "../../persistence/sql/index.ts";
import type { Store } from "../../persistence/index.ts";
import { builtInTools } from "../../tools/index.ts";
import { ada, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { startPostgres } from "../services/postgres.ts";
import { memory } from "../store-conformance/records.ts";
import { changes } from "../store-conformance/scene.ts";
import { plan, projectFolder } from "./scene.fixture.ts";

const postgres = await startPostgres();
const folder = projectFolder();
const dataFolder = await mkdtemp(join(tmpdir(), "orquestra-deletion-"));
afterAll(async () => {
  folder.remove();
  await postgres?.stop();
  await rm(dataFolder, { recursive: true, force: true });
});

const marker = "Zanzibar7391";
const slowMs = 120_000;
const names = z.array(z.object({ name: z.string() }));
const counts = z.tuple([z.object({ rows: z.number() })]);

/** The tables in which a row holds the marker, as text or as bytes. */
async function tablesWithMarker(db: Database): Promise<readonly string[]> {
  const all = "select table_name as name from information_schema.tables where table_schema = $1 order by 1";
  const tables = names.parse(await db.transaction([{ text: all, values: ["public"] }])).map(({ name }) => name);
  expect(tables).toContain("payloads");
  const found: string[] = [];
  for (const table of tables) {
    const text = `select count(*) as rows from ${table} where ${table}::text like '%' || $1 || '%' or ${table}::text like '%' || $2 || '%'`;
    const [{ rows }] = counts.parse(await db.transaction([{ text, values: [marker, Buffer.from(marker).toString("hex")] }]));
    if (rows > 0) found.push(table);
  }
  return found;
}

/** A session that has left the marker wherever a session can leave something. */
async function spread(store: Store) {
  const path = `${marker}.txt`;
  folder.write("small.txt", `a small file of ${marker}`);
  folder.write(path, `${"a large file of Zanzibar\n".repeat(3_000)}${marker}\n`);
  const reads = plan(`1. file_read("small.txt")`, `2. file_read("${path}")`);
  const write = plan(`3. file_write("${path}", <<TEXT)`, "<<TEXT", `${marker} ${"again and again\n".repeat(5_000)}`, "TEXT");
  const tools = builtInTools({ only: ["file_read", "file_write"] });
  const model = scriptedModel([{ text: reads }, { text: write }, { text: `That was ${marker}.` }]);
  const harness = await startEngine({ store, model, tools, workspaces: folder.workspaces });
  const session = await harness.session();
  const runId = await session.say(`Tell me about ${marker}`);
  const card = await session.until("approval-requested");
  await session.command("approval-respond", { approvalId: card.data.approvalId, decision: "allow_once", reason: marker });
  expect((await session.ended(runId)).type).toBe("run-completed");
  folder.write(path, "changed by hand, so that it cannot be taken back");
  const { conflicts } = await session.command("checkpoint-restore", { runId });
  expect(conflicts).toMatchObject([{ path }]);
  const home = { userId: ada.id, sessionId: session.id };
  const learned = memory(home, { sessionId: session.id, quote: `I said ${marker}` });
  const proposed = memory(home, { sessionId: session.id, text: marker, status: "proposed" });
  await store.commit(changes({ put: "memories", record: learned }, { put: "memories", record: proposed }));
  const command = { v: 1, id: "forwarded", type: "run-steer", data: { runId, text: marker } } as const;
  await store.forwarded.post({ userId: ada.id, sessionId: session.id, command, at: new Date().toISOString() });
  const state = { ...(await snapshotOf(harness, session.id)), seq: 3 };
  await store.events.trim(state);
  return { harness, session };
}

async function snapshotOf({ engine }: Awaited<ReturnType<typeof startEngine>>, sessionId: string) {
  const attachment = await engine.attach({ sessionId, user: ada, deliver: () => undefined });
  attachment.detach();
  if (attachment.snapshot === null) throw new Error("no snapshot came");
  return attachment.snapshot;
}

/** Places and reasons stay in the audit, which outlives what it tells of; what was read and written does not. */
const audited = "audit";
const everywhere = [
  "approvals",
  audited,
  "checkpoints",
  "commands",
  "events",
  "forwarded_commands",
  "memories",
  "messages",
  "payloads",
  "sessions",
  "snapshots",
  "todos",
];

async function deletedForGood(store: Store, look: () => Promise<readonly string[]>): Promise<void> {
  const { harness, session } = await spread(store);
  expect(await look()).toEqual(everywhere);
  await session.command("session-delete", {});
  await session.until("session-deleted");
  await expect(session.command("message-list", {})).rejects.toMatchObject({ code: "not_found" });
  await harness.close();
}

it.skipIf(postgres === null)(
  "nothing of a deleted session is left in any table of PostgreSQL but the audit",
  { timeout: slowMs },
  async () => {
    const url = postgres?.url ?? "";
    const store = await openPostgresStore({ url });
    const db = new Database(new Pool({ connectionString: url, types: valueParsers }));
    try {
      await deletedForGood(store, () => tablesWithMarker(db));
      expect(await tablesWithMarker(db)).toEqual([audited]);
    } finally {
      await store.close();
      await db.close();
    }
  },
);

it("nothing of a deleted session is left in any table of PGlite but the audit", { timeout: slowMs }, async () => {
  let store = await openPGliteStore({ dataFolder });
  const look = async (): Promise<readonly string[]> => {
    const worker = await startDatabase({ kind: "serve", folder: join(dataFolder, "database"), template: null });
    const db = new Database(poolOf(worker));
    try {
      return await tablesWithMarker(db);
    } finally {
      await db.close();
      await stopDatabase(worker);
    }
  };
  const { harness, session } = await spread(store);
  await harness.close();
  await store.close();
  expect(await look()).toEqual(everywhere);
  store = await openPGliteStore({ dataFolder });
  const later = await startEngine({ store, model: scriptedModel([]), workspaces: folder.workspaces });
  await later.command("session-delete", {}, { sessionId: session.id });
  await later.close();
  await store.close();
  expect(await look()).toEqual([audited]);
});
