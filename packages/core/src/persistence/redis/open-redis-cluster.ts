import { endsWithin } from "../../lib/ends-within.ts";
import type { Cluster, ClusterHealth } from "../cluster.ts";
import { StoreError } from "../store-error.ts";
import type { Manners } from "./client.ts";
import { type Connection, connectFirst, createConnection, silenceMs, unavailable } from "./connection.ts";
import { RedisBus } from "./redis-bus.ts";
import { RedisCache } from "./redis-cache.ts";
import { RedisRunQueue } from "./redis-queue.ts";

export interface RedisOptions {
  /** `redis://user:password@host:port/number`, or `rediss://` with TLS; of it only host and port are ever told. */
  readonly url: string;
  /** Before every key and channel, so that several installations can share a Redis; `orquestra` when absent. */
  readonly prefix?: string;
  /** How long the cache waits for an answer. Milliseconds; 250 when absent. */
  readonly cachePatienceMs?: number;
}

/** Cache and messages out; messages in, which takes a connection of its own; wake-ups. BullMQ has one more to wait on. */
interface Connections {
  readonly commands: Connection;
  readonly subscriber: Connection;
  readonly jobs: Connection;
}

interface Parts {
  readonly connections: Connections;
  readonly bus: RedisBus;
  readonly queue: RedisRunQueue;
  readonly cache: RedisCache;
}

const lookMs = 1_000;
/** Commands fail at once when Redis is away, and a Redis that says nothing is given up. */
const impatient: Manners = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  socketTimeout: silenceMs,
};
/** Commands wait until Redis is back: what a worker has to say of its work must be said. */
const patient: Manners = { maxRetriesPerRequest: null };

/**
 * Joins the nodes on a Redis. Throws `unavailable` when there is no way in; once it is open, a Redis that goes away makes it
 * `degraded` until it is back.
 */
export async function openRedisCluster({ url, prefix = "orquestra", cachePatienceMs = 250 }: RedisOptions): Promise<Cluster> {
  const commands = createConnection(url, impatient);
  const subscriber = createConnection(url, impatient);
  const jobs = createConnection(url, patient);
  try {
    await Promise.all([commands, subscriber, jobs].map(connectFirst));
    await requireVersion(commands);
    const bus = new RedisBus({ subscriber: subscriber.client, publisher: commands.client, prefix });
    const queue = new RedisRunQueue({ connection: jobs, prefix });
    const cache = new RedisCache({ client: commands.client, prefix, patienceMs: cachePatienceMs });
    await Promise.all([bus.open(), queue.open()]);
    return assemble({ connections: { commands, subscriber, jobs }, bus, queue, cache });
  } catch (error) {
    for (const { client } of [commands, subscriber, jobs]) client.disconnect();
    throw error instanceof StoreError ? error : unavailable(commands.host, error);
  }
}

function assemble({ connections, bus, queue, cache }: Parts): Cluster {
  const all = Object.values(connections);
  const stopLooking = lookAfter(connections, bus);
  return {
    alone: false,
    queue,
    bus,
    cache,
    get health() {
      return healthOf(all);
    },
    close: async () => {
      await queue.close();
      stopLooking();
      await Promise.all(all.map(letGo));
    },
  };
}

/** Asks now and then, so that a Redis whose machine died is noticed also when nobody has anything to say. */
function lookAfter({ commands, subscriber, jobs }: Connections, bus: RedisBus): () => void {
  const look = setInterval(() => {
    for (const { client } of [commands, subscriber]) if (client.status === "ready") client.ping().catch(() => undefined);
    bus.tellOfLoss();
  }, lookMs);
  look.unref();
  const lookAtJobs = (): void => {
    if (jobs.client.status === "ready") jobs.client.disconnect(true);
  };
  commands.client.on("close", lookAtJobs);
  return () => {
    clearInterval(look);
    commands.client.off("close", lookAtJobs);
  };
}

function healthOf(connections: readonly Connection[]): ClusterHealth {
  const away = connections.find(({ trouble }) => trouble !== null);
  if (away === undefined) return { status: "ok" };
  return { status: "degraded", reason: `Redis at ${away.host} is away (${away.trouble})` };
}

/** What was sent is answered before, within reason. */
async function letGo({ client }: Connection): Promise<void> {
  if (client.status === "ready")
    await endsWithin(
      client.quit().catch(() => undefined),
      lookMs,
    );
  client.disconnect();
}

async function requireVersion({ client, host }: Connection): Promise<void> {
  const version = /^redis_version:(\d+)(\S*)/m.exec(await client.info("server"));
  if (version === null || Number(version[1]) >= 7) return;
  const found = `${version[1]}${version[2]}`;
  throw new StoreError("unavailable", `Redis at ${host} is too old (${found}). Orquestra needs Redis 7 or newer.`);
}
