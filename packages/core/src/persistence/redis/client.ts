import { type CommonRedisOptions, Redis, type RedisOptions } from "ioredis";

/** How a client behaves while Redis is away or silent. */
export type Manners = Pick<
  CommonRedisOptions,
  "enableOfflineQueue" | "maxRetriesPerRequest" | "autoResendUnfulfilledCommands" | "autoResubscribe" | "socketTimeout"
>;

const connectTimeoutMs = 5_000;
const longestPauseMs = 1_000;

/** A client that tries for ever to come back, and can be told to let go at any time. Connects when it is told to. */
export class RedisClient extends Redis {
  constructor(url: string, manners: Manners) {
    super(url, {
      lazyConnect: true,
      connectTimeout: connectTimeoutMs,
      keepAlive: 5_000,
      retryStrategy: (attempt) => Math.min(longestPauseMs, 50 * attempt),
      ...manners,
    });
    // BullMQ makes the connection it waits on from this one, and one that is lazy it gives up for good when Redis is away then.
    this.options.lazyConnect = false;
    endWhenTold(this);
  }

  override duplicate<Override extends Partial<RedisOptions> | undefined = undefined>(override?: Override) {
    return endWhenTold(super.duplicate(override));
  }
}

/** Told between two attempts, a client would neither try again nor end, and who waits for its end would wait for ever. */
function endWhenTold<Client extends Pick<Redis, "status" | "connect" | "disconnect">>(client: Client): Client {
  const disconnect = client.disconnect.bind(client);
  client.disconnect = (reconnect = false) => {
    const betweenAttempts = client.status === "reconnecting";
    disconnect(reconnect);
    if (!betweenAttempts || reconnect) return;
    client.connect().then(
      () => disconnect(),
      () => undefined,
    );
  };
  return client;
}
