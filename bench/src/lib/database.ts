import { type Store, openInMemoryStore, openPGliteStore, openPostgresStore } from "@orquestra/core";
import { startPostgresServer } from "@orquestra/core/testing";
import { z } from "zod";
import { temporaryFolder } from "./temporary-folder.ts";

/** Where a process finds its store. */
export const storePlaceSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("memory") }),
  z.strictObject({ kind: z.literal("pglite"), folder: z.string() }),
  z.strictObject({ kind: z.literal("postgres"), url: z.string() }),
]);
export type StorePlace = z.infer<typeof storePlaceSchema>;

export function openStoreAt(place: StorePlace): Promise<Store> {
  if (place.kind === "postgres") return openPostgresStore({ url: place.url });
  return place.kind === "pglite" ? openPGliteStore({ dataFolder: place.folder }) : Promise.resolve(openInMemoryStore());
}

/** `postgres` waits for the disk at every commit, as it comes; `postgres, no fsync` and PGlite do not. */
export const databaseKinds = ["postgres", "postgres, no fsync", "pglite"] as const;
export type DatabaseKind = (typeof databaseKinds)[number];

export interface BenchDatabase {
  readonly place: StorePlace;
  /** Its process; none where it runs in the one that uses it. */
  readonly pid: number | null;
  stop(): Promise<void>;
}

/** An empty one for the bench alone; null where PostgreSQL is not installed. */
export async function startDatabase(kind: DatabaseKind): Promise<BenchDatabase | null> {
  if (kind === "pglite") {
    const folder = await temporaryFolder();
    return { place: { kind: "pglite", folder: folder.path }, pid: null, stop: () => folder.remove() };
  }
  const server = await startPostgresServer({ durable: kind === "postgres" });
  if (server === null) return null;
  return { place: { kind: "postgres", url: server.url }, pid: server.pid, stop: () => server.stop() };
}
