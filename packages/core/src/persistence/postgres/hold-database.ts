import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "pg";
import { z } from "zod";
import { sleep } from "../../lib/sleep.ts";
import { storeFailure } from "../sql/index.ts";
import { StoreError } from "../store-error.ts";
import { namingHost } from "./naming-host.ts";

/** How to hold a database, and what to do when another node came in between. */
export interface HoldOptions {
  readonly url: string;
  /** Beside other nodes that share it too. One that does not share keeps these out, and they keep it out. */
  readonly shared?: boolean;
  /** How long a node that is just going away is waited for, as one does whose process was killed. Milliseconds; 3000 when absent. */
  readonly patienceMs?: number;
  /** Called when the hold was lost with its connection and another node has it now: two nodes would work on the same runs. */
  readonly onTaken: (why: StoreError) => void;
}

/** Advisory locks are numbers, and belong to one database. */
export const databaseLock = 4_310_001;
const pauseMs = 150;
const regainMs = 1000;
/** Without them a machine that died keeps its lock for hours. Seconds. */
const keepAlive = "set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3";
const holder = `
select a.application_name as name from pg_locks l join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory' and l.objid = ${databaseLock} and l.granted and l.database = (select oid from pg_database where datname = current_database())`;

/**
 * Makes this process the one node of a database, or one of those that share it, until the returned function lets go or the
 * process dies. The hold is a lock of a connection's own, and is taken again when that breaks. Throws `in_use` while another
 * node has it, `unavailable`.
 */
export async function holdDatabase({ onTaken, patienceMs = 3000, ...wanted }: HoldOptions): Promise<() => Promise<void>> {
  const closing = new AbortController();
  let held = await take(wanted, patienceMs);
  const keep = async (): Promise<void> => {
    for (;;) {
      await held.gone;
      if (closing.signal.aborted) return;
      held = await regain(wanted, closing.signal);
    }
  };
  const kept = keep().catch((error: unknown) => {
    if (error instanceof StoreError && !closing.signal.aborted) onTaken(error);
  });
  return async () => {
    closing.abort();
    await held.letGo();
    await kept;
  };
}

type Wanted = Pick<HoldOptions, "url" | "shared">;

interface Held {
  /** Resolves when the connection has ended, and the lock with it. */
  readonly gone: Promise<void>;
  letGo(): Promise<void>;
}

async function take({ url, shared = false }: Wanted, patienceMs: number): Promise<Held> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    application_name: nameOfNode(),
  });
  const gone = new Promise<void>((resolve) => client.once("end", () => resolve()));
  // Unheard it would end the process; that the connection broke is told by its end.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query(keepAlive);
    await lockWith(client, shared ? tryShared : tryAlone, patienceMs);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw namingHost(storeFailure(error), url);
  }
  return { gone, letGo: () => client.end().catch(() => undefined) };
}

const tryAlone = "select pg_try_advisory_lock($1) as held";
const tryShared = "select pg_try_advisory_lock_shared($1) as held";

async function lockWith(client: Client, attempt: string, patienceMs: number): Promise<void> {
  for (let waited = 0; ; waited += pauseMs) {
    const { rows } = await client.query(attempt, [databaseLock]);
    if (z.tuple([z.object({ held: z.boolean() })]).parse(rows)[0].held) return;
    if (waited >= patienceMs) throw inUse(await nameOfHolder(client));
    await wait(pauseMs);
  }
}

async function regain(wanted: Wanted, signal: AbortSignal): Promise<Held> {
  for (;;) {
    try {
      return await take(wanted, 0);
    } catch (error) {
      if (error instanceof StoreError && error.code === "in_use") throw error;
      await sleep(regainMs, signal);
    }
  }
}

async function nameOfHolder(client: Client): Promise<string> {
  const { rows } = await client.query(holder);
  const [first] = z.array(z.object({ name: z.string() })).parse(rows);
  return first?.name ?? "another process";
}

/** PostgreSQL cuts names at 63 bytes. */
function nameOfNode(): string {
  return `Orquestra, process ${process.pid} on ${hostname().slice(0, 30)}`;
}

function inUse(name: string): StoreError {
  return new StoreError(
    "in_use",
    `The database of DATABASE_URL is in use by another server (${name}). Use that one, stop it, give this one a database of its own, or set REDIS_URL for both, so that they share it.`,
  );
}
