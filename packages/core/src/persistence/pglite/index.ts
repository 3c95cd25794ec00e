/** The embedded database: a data folder, who holds it, and the store in it. */
export { type LockRecord, readLock, takeLock, writeLockUrl } from "./folder-lock.ts";
export { type PGliteOptions, openPGliteStore } from "./open-pglite-store.ts";
export { buildTemplate } from "./template.ts";
