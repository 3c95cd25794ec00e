import type { Store } from "@orquestra/core";
import { Pool } from "pg";
import type { StorePlace } from "../lib/database.ts";
import { user } from "../lib/engine.ts";

export interface Writers {
  readonly writers: number;
  /** Of each, one after the other. */
  readonly commits: number;
}

/** What each row of a bare commit holds besides its key: as much as a small event. */
const body = "x".repeat(200);

type BareCommits = (load: Writers, newKey: () => string) => Promise<number>;

/**
 * What a journal is measured by: a transaction of one insert, prepared, over as many connections as the store has. In PGlite,
 * which has one connection that is the store's, it is the store's smallest transaction, one row of one table.
 */
export async function openBareCommits(place: StorePlace, store: Store): Promise<BareCommits> {
  const insert = place.kind === "postgres" ? await insertInto(place.url) : putInto(store);
  return async ({ writers, commits }, newKey) => {
    const started = performance.now();
    const write = async (): Promise<void> => {
      for (let count = 0; count < commits; count += 1) await insert(newKey());
    };
    await Promise.all(Array.from({ length: writers }, write));
    return (writers * commits) / ((performance.now() - started) / 1000);
  };
}

type Insert = (key: string) => Promise<unknown>;

const poolSize = 10;

async function insertInto(url: string): Promise<Insert> {
  const pool = new Pool({ connectionString: url, max: poolSize });
  await pool.query("create table if not exists bare (id text primary key, body text not null)");
  return (key) => pool.query({ name: "bare", text: "insert into bare values ($1, $2)", values: [key, body] });
}

function putInto(store: Store): Insert {
  const at = new Date().toISOString();
  return (key) => {
    const record = { id: key, tenant: user.tenant, name: body, role: "member" as const, metadata: {}, createdAt: at };
    return store.commit({ sessionId: null, events: [], changes: [{ put: "users", record }], at });
  };
}
