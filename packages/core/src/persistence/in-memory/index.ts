/** The store of one process. */
export { openInMemoryStore } from "./in-memory-store.ts";
export { openInMemoryCluster } from "./cluster.ts";
