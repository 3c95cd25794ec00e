import type { Store } from "../../persistence/index.ts";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { openPostgresStore } from "../../persistence/postgres/index.ts";
import { startPostgres } from "../services/postgres.ts";

export interface StoreKind {
  readonly name: string;
  /** A store that is closed and opened again holds what it held. The caller closes it. */
  readonly open: () => Promise<Store>;
}

export interface StoreKinds {
  readonly kinds: readonly StoreKind[];
  stop(): Promise<void>;
}

/** The stores an engine may work on: in memory, and a database of its own on a real PostgreSQL. Says aloud where there is none. */
export async function storeKinds(): Promise<StoreKinds> {
  const memory = openInMemoryStore();
  const inMemory: StoreKind = { name: "in memory", open: () => Promise.resolve(memory) };
  const database = await startPostgres();
  if (database === null) {
    // oxlint-disable-next-line node/no-process-env -- set where nothing may be left out
    if (process.env["CI"] === "true") throw new Error("PostgreSQL was not found: install it or set DATABASE_URL");
    console.warn("SKIPPED on PostgreSQL: it was not found. Install it or set DATABASE_URL.");
    return { kinds: [inMemory], stop: () => Promise.resolve() };
  }
  const { url } = database;
  const onPostgres: StoreKind = { name: "PostgreSQL", open: () => openPostgresStore({ url }) };
  return { kinds: [inMemory, onPostgres], stop: () => database.stop() };
}
