/** The store of one process, and what its nodes share when there is one of them. */
export { openInMemoryCluster } from "./in-memory-cluster.ts";
export { openInMemoryStore } from "./in-memory-store.ts";
