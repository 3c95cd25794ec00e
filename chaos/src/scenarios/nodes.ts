import { setTimeout as sleep } from "node:timers/promises";
import { type TestRedisServer, type TestServer, startRedisServer } from "@orquestra/core/testing";
import { until } from "../lib/until.ts";
import type { Server } from "../world/server.ts";
import type { World } from "../world/world.ts";
import { onPostgres } from "./on-postgres.ts";
import type { Plan } from "./scenario.ts";
import { type Fault, type LoadOptions, underLoad } from "./under-load.ts";

/** Longer than a node's lease. */
const longestLease = 4000;

/** Three nodes on one PostgreSQL and one Redis, and faults of one of them, or of what they share. */
export function onNodes(plan: Plan, fault: (shared: Shared) => Fault, given: LoadOptions = {}): Promise<"done" | "skipped"> {
  return onPostgres(plan, async (database) => {
    const redis = await startRedisServer();
    if (redis === null) {
      if (process.env["CI"] === "true") throw new Error("Redis was not found: install it");
      plan.tell("  SKIPPED: Redis was not found. Install it.");
      return "skipped";
    }
    try {
      const options = { ...given, nodes: 3, redisUrl: redis.url, database: { kind: "postgres", url: database.url } } as const;
      return await underLoad(plan, fault({ database, redis }), options);
    } finally {
      await redis.stop();
    }
  });
}

export interface Shared {
  readonly database: TestServer;
  readonly redis: TestRedisServer;
}

/**
 * A node dies while clients watch its runs at others, and comes back a while later: at a random moment, or at a step of what it
 * writes, be it for another node's command.
 */
export const killNode: Fault = async (world, random) => {
  const node = random.pick(world.servers);
  if (random.chance(0.5)) {
    node.order({ type: "arm", trigger: { step: random.between(1, 40), when: random.pick(["before", "behind"]) } });
    await until(() => !node.alive, { within: 5000, what: () => "it has written too little" }).catch(() => undefined);
  }
  await node.end("SIGKILL");
  await sleep(random.between(0, 6000));
  return world.start(null, node);
};

/** A node stands still for longer than its lease and goes on as if nothing had been, while others have its runs. */
export const freezeNode: Fault = async (world, random) => {
  const node = random.pick(world.servers);
  world.unsure = true;
  node.signal("SIGSTOP");
  await sleep(longestLease + random.between(500, 3000));
  node.signal("SIGCONT");
  await node.atRest();
  world.unsure = false;
  return null;
};

/** One node after the other says goodbye and is started anew, as when a new version comes. */
export const rollingRestart: Fault = async (world) => {
  const recoveries: number[] = [];
  for (const node of world.servers) recoveries.push(await restarted(world, node));
  return Math.max(...recoveries);
};

async function restarted(world: World, node: Server): Promise<number> {
  await node.end("SIGTERM");
  return (await world.start(null, node)) ?? Number.NaN;
}

/** Redis is killed with all it held, and comes back a while later. */
export function redisOutage({ redis }: Shared): Fault {
  return async (_world, random) => {
    await redis.halt();
    await sleep(random.between(0, 4000));
    await redis.restart();
    return null;
  };
}
