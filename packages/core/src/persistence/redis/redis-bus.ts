import type { Redis } from "ioredis";
import type { Bus } from "../cluster.ts";

type Listener = (message: string) => void;

export interface BusOptions {
  /** A connection of its own for listening, without a queue for the time it is away. */
  readonly subscriber: Redis;
  readonly publisher: Redis;
  readonly prefix: string;
}

/** Said and not yet taken by Redis, characters; beyond it messages are dropped. */
const mostUnderWay = 16 * 1024 * 1024;

/** Messages between nodes by Redis' pub/sub. What cannot be sent now is dropped, and everybody is told that something was. */
export class RedisBus implements Bus {
  readonly #subscriber: Redis;
  readonly #publisher: Redis;
  readonly #prefix: string;
  /** On it a node says that messages of its own were lost. */
  readonly #gapChannel: string;
  readonly #channels = new Map<string, Set<{ readonly listener: Listener }>>();
  readonly #gapListeners = new Set<{ readonly listener: () => void }>();
  #underWay = 0;
  #lost = false;

  constructor({ subscriber, publisher, prefix }: BusOptions) {
    this.#subscriber = subscriber;
    this.#publisher = publisher;
    this.#prefix = `${prefix}:bus:`;
    this.#gapChannel = `${prefix}:gap`;
    subscriber.on("message", (channel: string, message: string) => this.#hear(channel, message));
    subscriber.on("ready", () => this.#listenAgain());
    publisher.on("ready", () => this.#tellOfLoss());
  }

  /** Resolves when it hears, on a connection that is there. */
  async open(): Promise<void> {
    await this.#subscriber.subscribe(this.#gapChannel);
  }

  publish(channel: string, message: string, reached?: (elsewhere: number) => void): void {
    if (this.#publisher.status !== "ready" || this.#underWay + message.length > mostUnderWay) {
      this.#lost = true;
      return;
    }
    this.#underWay += message.length;
    const name = this.#prefix + channel;
    const here = this.#channels.has(name) ? 1 : 0;
    this.#publisher
      .publish(name, message)
      .then((listeners) => reached?.(listeners - here))
      .catch(() => (this.#lost = true))
      .finally(() => (this.#underWay -= message.length));
  }

  async subscribe(channel: string, listener: Listener): Promise<() => void> {
    const name = this.#prefix + channel;
    const known = this.#channels.get(name);
    const listeners = known ?? new Set();
    const entry = { listener };
    listeners.add(entry);
    if (known === undefined) this.#channels.set(name, listeners);
    // Asked for also where others listen: their question may not be answered yet, and this one is behind it.
    await this.#subscriber.subscribe(name).catch(() => undefined);
    return () => {
      if (!listeners.delete(entry) || listeners.size > 0) return;
      this.#channels.delete(name);
      this.#subscriber.unsubscribe(name).catch(() => undefined);
    };
  }

  onGap(listener: () => void): () => void {
    const entry = { listener };
    this.#gapListeners.add(entry);
    return () => this.#gapListeners.delete(entry);
  }

  /** Says that messages were lost, once they can be heard again. Called now and then. */
  tellOfLoss(): void {
    if (this.#lost && this.#publisher.status === "ready") this.#tellOfLoss();
  }

  #tellOfLoss(): void {
    this.#lost = false;
    this.#publisher.publish(this.#gapChannel, "").catch(() => (this.#lost = true));
  }

  #hear(channel: string, message: string): void {
    if (channel === this.#gapChannel) return this.#toldOfGap();
    for (const { listener } of this.#channels.get(channel) ?? []) listener(message);
  }

  /** The connection was away: what was said meanwhile is lost, and Redis has forgotten who listens. */
  #listenAgain(): void {
    this.#subscriber.subscribe(this.#gapChannel, ...this.#channels.keys()).then(
      () => this.#toldOfGap(),
      () => undefined,
    );
  }

  #toldOfGap(): void {
    for (const { listener } of this.#gapListeners) listener();
  }
}
