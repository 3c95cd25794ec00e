/** The store of one process. */
export { openInMemoryStore } from "./in-memory-store.ts";
