import { afterAll, afterEach } from "vitest";
import type { Cluster, Store } from "../../persistence/index.ts";
import { openPostgresStore } from "../../persistence/postgres/index.ts";
import { openRedisCluster } from "../../persistence/redis/index.ts";
import { type EngineHarness, type HarnessOptions, startEngine } from "../engine-harness.ts";
import { startPostgres } from "../services/postgres.ts";
import { startRedisServer } from "../services/redis.ts";

/** A node with connections of its own. */
export interface TestNode extends EngineHarness {
  readonly cluster: Cluster;
}

export interface TestNodes {
  /** Both services are there. */
  readonly present: boolean;
  readonly redis: Awaited<ReturnType<typeof startRedisServer>>;
  /** Closed after its test, if it is not before. */
  start(options: HarnessOptions): Promise<TestNode>;
}

/** Nodes on one real PostgreSQL and one real Redis. Says aloud where one is missing. */
export async function testNodes(): Promise<TestNodes> {
  const [database, redis] = await Promise.all([startPostgres(), startRedisServer()]);
  const present = database !== null && redis !== null;
  if (!present) {
    // oxlint-disable-next-line node/no-process-env -- set where nothing may be left out
    if (process.env["CI"] === "true") throw new Error("PostgreSQL and Redis are needed: install them");
    console.warn("SKIPPED with many nodes: PostgreSQL or Redis was not found.");
  }
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });
  afterAll(async () => {
    await redis?.stop();
    await database?.stop();
  });
  return { present, redis, start: (options) => startNode(options) };

  async function startNode(options: HarnessOptions): Promise<TestNode> {
    const store: Store = await openPostgresStore({ url: database?.url ?? "" });
    const cluster = await openRedisCluster({ url: redis?.url ?? "" });
    const harness = await startEngine({ ...options, store, cluster });
    let closing: Promise<void> | null = null;
    const close = async (): Promise<void> => {
      await harness.close();
      await cluster.close();
      await store.close();
    };
    const once = (): Promise<void> => (closing ??= close());
    closers.push(once);
    return { ...harness, cluster, close: once };
  }
}
