import { type Cluster, openInMemoryCluster, openRedisCluster } from "@orquestra/core";
import type { Config } from "./config.ts";

/** What this node shares with others: with Redis much, without it there are none. Throws `unavailable` when Redis does not answer. */
export async function openCluster({ redisUrl, redisPrefix }: Pick<Config, "redisUrl" | "redisPrefix">): Promise<Cluster> {
  if (redisUrl === undefined) return openInMemoryCluster();
  return await openRedisCluster({ url: redisUrl.reveal(), prefix: redisPrefix });
}
