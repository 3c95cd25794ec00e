import { Client } from "pg";
import type { StorePlace } from "../lib/database.ts";

/** Bytes so far. */
interface Reading {
  /** Written to the log of the database. */
  readonly wal: number | null;
  /** What the database takes on the disk. */
  readonly disk: number | null;
}

const readings = `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as wal, pg_database_size(current_database())::float8 as disk`;

/** Reads what a PostgreSQL server has written; of PGlite nobody outside of it can tell. */
export async function openMeter(place: StorePlace): Promise<() => Promise<Reading>> {
  if (place.kind !== "postgres") return () => Promise.resolve({ wal: null, disk: null });
  const client = new Client(place.url);
  await client.connect();
  return async () => {
    const { rows } = await client.query<{ readonly wal: number; readonly disk: number }>(readings);
    return rows[0] ?? { wal: null, disk: null };
  };
}
