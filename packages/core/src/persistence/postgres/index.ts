/** The store on a PostgreSQL server. Loaded when it is asked for: what it is made of costs every start a sixth of a second. */
import type { HoldOptions } from "./hold-database.ts";
import type { PostgresOptions } from "./open-postgres-store.ts";
import type { Store } from "../store.ts";

export type { HoldOptions, PostgresOptions };

export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const adapter = await import("./open-postgres-store.ts");
  return await adapter.openPostgresStore(options);
}

export async function holdDatabase(options: HoldOptions): Promise<() => Promise<void>> {
  const adapter = await import("./hold-database.ts");
  return await adapter.holdDatabase(options);
}
