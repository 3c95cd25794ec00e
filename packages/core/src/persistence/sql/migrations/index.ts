import { type Kysely, type MigrationProvider, Migrator } from "kysely";
import { initial } from "./0001-initial.ts";

const provider: MigrationProvider = { getMigrations: async () => ({ "0001-initial": initial }) };

/** Brings the tables up to date. Safe on several nodes at once: a lock in the database lets one do the work. Throws what went wrong. */
export async function migrate<T>(db: Kysely<T>): Promise<void> {
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error !== undefined) throw error;
}
