import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../sql/index.ts";
import { poolOf } from "./connection-pool.ts";
import { buildTemplate } from "./index.ts";
import { startDatabase, stopDatabase } from "./worker-thread.ts";

const slowMs = 120_000;

describe("the database's thread", () => {
  let folder: string;
  let worker: Worker;
  let db: Database;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "orquestra-worker-"));
    worker = await startDatabase({ kind: "serve", folder: join(folder, "database"), template: await buildTemplate() });
    db = new Database(poolOf(worker));
  }, slowMs);
  afterAll(async () => {
    await stopDatabase(worker);
    await rm(folder, { recursive: true });
  }, slowMs);

  it("leaves the event loop free while it works", async () => {
    const loop = { turns: 0, working: true };
    const work = db
      .transaction([{ text: "select count(*) from generate_series(1, $1::integer)", values: [2_000_000] }])
      .finally(() => (loop.working = false));
    for (; loop.working; loop.turns++) await turn();
    expect(await work).toEqual([{ count: 2_000_000 }]);
    expect(loop.turns).toBeGreaterThan(100);
  });

  it("keeps answers in order when many ask at once", async () => {
    const asked = Array.from({ length: 50 }, (_, index) => index);
    const answers = await Promise.all(
      asked.map((index) => db.transaction([{ text: "select $1::integer as index", values: [index] }])),
    );
    expect(answers).toEqual(asked.map((index) => [{ index }]));
  });

  it("carries answers of many megabytes", async () => {
    const [row] = await db.transaction([{ text: "select repeat('x', $1::integer) as text", values: [5_000_000] }]);
    expect(row).toEqual({ text: "x".repeat(5_000_000) });
  });

  it("makes queries fail instead of hang when it dies", async () => {
    const dying = db.transaction([{ text: "select count(*) from generate_series(1, $1::integer)", values: [50_000_000] }]);
    const refused = expect(dying).rejects.toMatchObject({ code: "unavailable" });
    await worker.terminate();
    await refused;
    await expect(db.ping()).rejects.toMatchObject({ code: "unavailable" });
    await db.close();
  });
});
