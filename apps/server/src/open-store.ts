import { type Store, openPGliteStore, openPostgresStore } from "@orquestra/core";
import { join } from "node:path";
import type { Config } from "./config.ts";

/** The database of these settings. Throws a StoreError: `locked` when another process has the embedded one, `unavailable` when PostgreSQL does not answer. */
export async function openStore({ databaseUrl, dataDir }: Pick<Config, "databaseUrl" | "dataDir">): Promise<Store> {
  if (databaseUrl !== undefined) return await openPostgresStore({ url: databaseUrl });
  return await openPGliteStore({ folder: join(dataDir, "database") });
}
