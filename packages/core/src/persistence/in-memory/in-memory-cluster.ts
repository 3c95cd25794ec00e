import type { Cluster } from "../cluster.ts";
import { MemoryBus } from "./memory-bus.ts";
import { MemoryCache } from "./memory-cache.ts";
import { MemoryRunQueue } from "./memory-queue.ts";

/** What one process needs of a cluster when it is alone: everything in memory, and bounded. */
export function openInMemoryCluster(): Cluster {
  const queue = new MemoryRunQueue();
  return {
    alone: true,
    queue,
    bus: new MemoryBus(),
    cache: new MemoryCache(),
    health: { status: "ok" },
    close: () => queue.close(),
  };
}
