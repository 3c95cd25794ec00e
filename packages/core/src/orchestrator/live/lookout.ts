import { messageOf } from "../../lib/error.ts";
import type { Cluster, Store } from "../../persistence/index.ts";
import type { Follower } from "./follower.ts";
import type { Warn } from "./live-parts.ts";

/** Milliseconds between two looks. */
const every = 2000;
/** Every so many looks also at sessions on which nothing is known to go on: a node may die before it tells of an event. */
const wideEvery = 15;
/** Sessions asked for in one query. */
const askedAtOnce = 5000;

export interface LookoutOptions {
  readonly store: Store;
  readonly cluster: Cluster;
  readonly warn: Warn;
  readonly followers: () => Iterable<Follower>;
}

/**
 * Finds events that no node told of, or that were not heard: looks into the store how far the logs go. At sessions with runs at work
 * regularly; at all of them after a gap on the bus, and for as long as it is away.
 */
export class Lookout {
  readonly #options: LookoutOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #stopListening: (() => void)[] = [];
  #looks = 0;
  #looking: Promise<void> | null = null;
  #wide = false;

  constructor(options: LookoutOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), every).unref();
    this.onGap(() => {
      this.#wide = true;
      this.#look();
    });
  }

  onGap(listener: () => void): void {
    this.#stopListening.push(this.#options.cluster.bus.onGap(listener));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const stop of this.#stopListening) stop();
    await this.#looking;
  }

  /** One look at a time. */
  #look(): void {
    if (this.#looking !== null) return;
    const { cluster, followers } = this.#options;
    this.#looks += 1;
    const wide = this.#wide || this.#looks % wideEvery === 0 || cluster.health.status === "degraded";
    this.#wide = false;
    const asked = [...followers()].filter((follower) => wide || follower.isBusy);
    this.#looking = this.#ask(asked)
      .catch((error: unknown) => {
        this.#wide ||= wide;
        this.#options.warn({ error: messageOf(error) }, "what other nodes have done could not be looked for");
      })
      .finally(() => {
        this.#looking = null;
      });
  }

  async #ask(followers: readonly Follower[]): Promise<void> {
    for (let start = 0; start < followers.length; start += askedAtOnce) {
      const some = followers.slice(start, start + askedAtOnce);
      const newest = await this.#options.store.events.lastSeqs(some.map(({ sessionId }) => sessionId));
      for (const follower of some) {
        const seq = newest.get(follower.sessionId);
        if (seq === undefined) follower.missing();
        else follower.hear(seq);
      }
    }
  }
}
