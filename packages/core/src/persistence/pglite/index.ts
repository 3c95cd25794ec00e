/** The embedded database: a data folder, who holds it, and the store in it. */
export { type LockRecord, readLock, takeLock, writeLockUrl } from "./folder-lock.ts";
export { type PGliteOptions, openPGliteStore } from "./open-pglite-store.ts";

/** Makes the template a first start unpacks, unless it is there; resolves with its path. */
export async function buildTemplate(): Promise<string> {
  const template = await import("./template.ts");
  return await template.buildTemplate();
}
