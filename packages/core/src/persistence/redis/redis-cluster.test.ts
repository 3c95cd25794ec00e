import { afterAll, describe, expect, it } from "vitest";
import { newId } from "../../lib/ids.ts";
import { clusterConformance, nodesConformance } from "../../testing/cluster-conformance.ts";
import { startRedis } from "../../testing/services/redis.ts";
import { openRedisCluster } from "./index.ts";

const redis = await startRedis();
const missing = "Redis was not found: install redis-server or set REDIS_URL";
if (redis === null) console.warn(`SKIPPED, the Redis suites. ${missing}.`);
afterAll(() => redis?.stop());

it.runIf(process.env["CI"] === "true")("runs against Redis in CI", () => {
  expect(redis !== null, missing).toBe(true);
});

function openIn(prefix: string) {
  return openRedisCluster({ url: redis?.url ?? "", prefix, cachePatienceMs: 10_000 });
}

async function openOne() {
  const cluster = await openIn(`test-${newId()}`);
  return { nodes: [cluster], dispose: () => cluster.close() } as const;
}

async function openTwo() {
  const prefix = `test-${newId()}`;
  const nodes = [await openIn(prefix), await openIn(prefix)] as const;
  return { nodes, dispose: async () => void (await Promise.all(nodes.map((node) => node.close()))) };
}

describe.skipIf(redis === null)("the Redis cluster", () => {
  for (const { title, run } of clusterConformance("on Redis it", openOne)) it(title, run);
  for (const { title, run } of nodesConformance("with two nodes it", openTwo)) it(title, run);

  it("is not alone, and well", async () => {
    const { nodes, dispose } = await openOne();
    expect(nodes[0]).toMatchObject({ alone: false, health: { status: "ok" } });
    await dispose();
  });
});
