import { type Store, type StoreError, holdDatabase, openPGliteStore, openPostgresStore, takeLock } from "@orquestra/core";
import { Closers } from "./closers.ts";
import type { Config } from "./config.ts";
import type { Log } from "./log.ts";

/**
 * The database of these settings; the data folder is this process's own until it is closed, and so is a database that others
 * could reach too, unless Redis joins them. Throws a StoreError: `locked` while another process has the folder, `in_use` while
 * another server has the database, `unavailable` when PostgreSQL does not answer.
 */
export async function openStore(settings: Pick<Config, "databaseUrl" | "redisUrl" | "dataDir">, log: Log): Promise<Store> {
  const { databaseUrl, redisUrl, dataDir } = settings;
  if (databaseUrl === undefined) return await openPGliteStore({ dataFolder: dataDir });
  const closers = new Closers();
  try {
    closers.add(await takeLock(dataDir));
    const onTaken = (error: StoreError): void => log.error({ error }, "another server took the database over");
    closers.add(await holdDatabase({ url: databaseUrl.reveal(), shared: redisUrl !== undefined, onTaken }));
    const store = await openPostgresStore({ url: databaseUrl.reveal() });
    closers.add(() => store.close());
    return { ...store, close: () => closers.close() };
  } catch (error) {
    await closers.close();
    throw error;
  }
}
