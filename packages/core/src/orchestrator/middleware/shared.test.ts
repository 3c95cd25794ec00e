import { Redis } from "ioredis";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { newId } from "../../lib/ids.ts";
import { SecretValue } from "../../lib/secret-value.ts";
import { Redactor } from "../../permissions/index.ts";
import type { Cluster } from "../../persistence/index.ts";
import { openRedisCluster } from "../../persistence/redis/index.ts";
import { startRedisServer } from "../../testing/services/redis.ts";
import { cacheToolResults } from "./cache.ts";
import { TestClock, ada, behind, bob, countingTool, tea } from "./middleware.fixture.ts";
import { limitToolRate } from "./rate-limit.ts";
import { sharedResultCache } from "./shared-result-cache.ts";

const redis = await startRedisServer();
if (redis === null) console.warn("SKIPPED: middleware over several nodes. Redis was not found: install redis-server.");
const opened: Cluster[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((cluster) => cluster.close()));
});
afterAll(() => redis?.stop());

async function twoNodes(): Promise<readonly [Cluster, Cluster]> {
  const prefix = newId();
  const open = () => openRedisCluster({ url: redis?.url ?? "", prefix, cachePatienceMs: 10_000 });
  const nodes = [await open(), await open()] as const;
  opened.push(...nodes);
  return nodes;
}

describe.skipIf(redis === null)("results of tools that nodes share", () => {
  const cached = ({ cache }: Cluster) =>
    behind([cacheToolResults({ tools: ["say"], ttlMs: 60_000, cache: sharedResultCache(cache) })]);

  it("are known to the other node, for the same user only", async () => {
    const [one, other] = (await twoNodes()).map(cached);
    const { tool, runs } = countingTool();
    expect(await one?.({ tool })).toEqual(tea);
    expect(await other?.({ tool })).toEqual(tea);
    expect(runs).toHaveLength(1);
    await other?.({ tool, user: bob });
    expect(runs).toHaveLength(2);
  });

  it("are kept without secrets, and are told so to every node", async () => {
    const nodes = await twoNodes();
    const secret = "made-up-secret-0123";
    const secrets = new Redactor({ secrets: [new SecretValue("SHOP_KEY", secret)] });
    let runs = 0;
    const { tool } = countingTool({ run: () => Promise.resolve({ said: `The key is ${secret}.`, runs: ++runs }) });
    const told = { said: "The key is [secret SHOP_KEY]." };
    for (const node of nodes) expect(await cached(node)({ tool, secrets })).toEqual(told);
    expect(runs).toBe(1);
    const admin = new Redis(redis?.url ?? "");
    const kept = await Promise.all((await admin.keys("*:result:*")).map((key) => admin.get(key)));
    admin.disconnect();
    expect(kept).toContain(JSON.stringify(told));
    expect(kept.join()).not.toContain(secret);
  });

  it("are not those of a tool that says something else of itself, whose label would be another", async () => {
    const [one, other] = (await twoNodes()).map(cached);
    const { tool, runs } = countingTool();
    await one?.({ tool });
    await other?.({ tool: { ...tool, integrity: "outside" } });
    expect(runs).toHaveLength(2);
  });

  it("are not kept when they are very long", async () => {
    const [one, other] = (await twoNodes()).map(cached);
    const { tool, runs } = countingTool();
    const word = "tea ".repeat(100_000);
    await one?.({ tool, word });
    expect(await other?.({ tool, word })).toEqual({ said: word });
    expect(runs).toHaveLength(2);
  });

  it("are found out again when what was kept is not what it was, or Redis is away", async () => {
    const [one] = await twoNodes();
    const { tool, runs } = countingTool();
    await cached(one)({ tool });
    const admin = new Redis(redis?.url ?? "");
    for (const key of await admin.keys("*:result:*")) await admin.set(key, "{");
    expect(await cached(one)({ tool })).toEqual(tea);
    expect(runs).toHaveLength(2);
    expect(await cached(one)({ tool })).toEqual(tea);
    expect(runs).toHaveLength(2);
    admin.disconnect();
    await redis?.halt();
    expect(await cached(one)({ tool })).toEqual(tea);
    expect(runs).toHaveLength(3);
    await redis?.restart();
  });
});

describe.skipIf(redis === null)("a rate that nodes share", () => {
  function limited({ cache }: Cluster, clock = new TestClock()) {
    const { now, wait } = clock;
    const together = { cache, name: "say" };
    const limit = { perSecond: 1, burst: 2, maxWaitMs: 2000, clock: { now }, wait, together };
    return { clock, run: behind([limitToolRate(limit)]) };
  }

  it("counts what the other node does, makes calls wait for the next window, and fails those that would wait too long", async () => {
    const nodes = await twoNodes();
    const clocks = [new TestClock(), new TestClock()];
    for (const clock of clocks) clock.time = 1_000_000;
    const [one, other] = nodes.map((node, index) => limited(node, clocks[index]));
    const { tool, runs } = countingTool();
    await one?.run({ tool });
    await other?.run({ tool });
    await one?.run({ tool });
    expect(clocks.map(({ waits }) => waits)).toEqual([[2000], []]);
    await other?.run({ tool });
    expect(clocks[1]?.waits).toEqual([2000]);
    if (clocks[1] !== undefined) clocks[1].time = 1_000_000;
    await expect(other?.run({ tool })).rejects.toMatchObject({ code: "rate_limited" });
    expect(runs).toHaveLength(4);
    await other?.run({ tool, user: { ...ada, id: "eve" } });
    expect(runs).toHaveLength(5);
  });

  it("is kept by each node for itself while Redis is away", async () => {
    const nodes = await twoNodes();
    await redis?.halt();
    const { tool } = countingTool();
    for (const node of nodes) {
      const { clock, run } = limited(node);
      for (let count = 0; count < 3; count++) await run({ tool });
      expect(clock.waits).toEqual([1000]);
    }
    await redis?.restart();
  });
});
