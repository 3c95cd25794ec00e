import { messageOf } from "../../lib/error.ts";
import { StoreError } from "../store-error.ts";
import { type Manners, RedisClient } from "./client.ts";

/** A connection that comes back by itself, and what is known of it. */
export interface Connection {
  readonly client: RedisClient;
  /** `host:port`; nothing of the rest of the URL is ever told. */
  readonly host: string;
  /** Why it is away; null while it is there. */
  readonly trouble: string | null;
}

/** A server that is silent so long with a question open is away. */
export const silenceMs = 2_500;

/** A client that is not connected yet. Its errors end in `trouble`; unheard they would end the process. */
export function createConnection(url: string, manners: Manners): Connection {
  const client = new RedisClient(url, manners);
  let last = "it has ended the connection";
  client.on("error", (error) => (last = reasonOf(error)));
  return {
    client,
    host: hostOf(url),
    get trouble() {
      return client.status === "ready" ? null : last;
    },
  };
}

/** Throws `unavailable` when there is no way in at the first attempt; afterwards the connection looks after itself. */
export async function connectFirst(connection: Connection): Promise<void> {
  const failed = new Promise<Error>((resolve) => connection.client.once("error", resolve));
  try {
    await connection.client.connect();
  } catch (error) {
    connection.client.disconnect();
    throw unavailable(connection.host, await Promise.race([failed, Promise.resolve(error)]));
  }
}

export function unavailable(host: string, cause: unknown): StoreError {
  const reason = reasonOf(cause);
  if (/^(WRONGPASS|NOAUTH|NOPERM)$/.test(reason)) {
    const message = `Redis at ${host} refused the connection (${reason}). Check user and password in REDIS_URL.`;
    return new StoreError("unavailable", message, { cause });
  }
  const message = `Redis at ${host} does not answer (${reason}). Check that it runs and can be reached, and REDIS_URL.`;
  return new StoreError("unavailable", message, { cause, retryable: true });
}

/** The socket's code or the first word of Redis' refusal. Never more: the text of an error may repeat what was sent. */
function reasonOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  if (typeof code === "string") return code;
  return /^[A-Z]{3,}(?= )/.exec(messageOf(error))?.[0] ?? "connection lost";
}

function hostOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port === "" ? "6379" : port}`;
}
