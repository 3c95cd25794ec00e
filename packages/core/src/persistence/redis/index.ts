/** What several nodes share, in Redis. Loaded when it is asked for: what it is made of costs every start a quarter of a second. */
import type { Cluster } from "../cluster.ts";
import type { RedisOptions } from "./open-redis-cluster.ts";

export type { RedisOptions };

export async function openRedisCluster(options: RedisOptions): Promise<Cluster> {
  const adapter = await import("./open-redis-cluster.ts");
  return await adapter.openRedisCluster(options);
}
