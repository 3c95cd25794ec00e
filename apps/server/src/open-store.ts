import { type Store, openPGliteStore, openPostgresStore, takeLock } from "@orquestra/core";
import type { Config } from "./config.ts";

/**
 * The database of these settings; the data folder is this process's own until it is closed, wherever the database is.
 * Throws a StoreError: `locked` while another process has the folder, `unavailable` when PostgreSQL does not answer.
 */
export async function openStore({ databaseUrl, dataDir }: Pick<Config, "databaseUrl" | "dataDir">): Promise<Store> {
  if (databaseUrl === undefined) return await openPGliteStore({ dataFolder: dataDir });
  const giveBack = await takeLock(dataDir);
  try {
    const store = await openPostgresStore({ url: databaseUrl });
    const close = async (): Promise<void> => {
      try {
        await store.close();
      } finally {
        await giveBack();
      }
    };
    return { ...store, close };
  } catch (error) {
    await giveBack();
    throw error;
  }
}
