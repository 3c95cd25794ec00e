import type { Delta } from "@orquestra/protocol";
import type { Channel, Listener } from "./channel.ts";
import type { Follower } from "./follower.ts";
import type { Watcher } from "./presence.ts";

export interface ListeningParts {
  readonly channel: Channel;
  readonly follower: Follower;
  readonly listener: Listener;
  readonly watcher: Watcher;
}

/** Somebody who listens to a session on this node. There are tens of thousands of them, so they are small. */
export class Listening {
  readonly #channel: Channel;
  readonly #follower: Follower;
  readonly #listener: Listener;
  readonly #watcher: Watcher;

  constructor({ channel, follower, listener, watcher }: ListeningParts) {
    this.#channel = channel;
    this.#follower = follower;
    this.#listener = listener;
    this.#watcher = watcher;
    channel.listeners.add(listener);
  }

  /**
   * Resolves when what flows is past event `seq`, which the caller has read together with the fact that these parts are closed.
   * Before that nothing is passed on for certain.
   */
  reach(seq: number, closed: Iterable<string>): Promise<void> {
    return this.#follower.reach(seq, closed);
  }

  /** One delta per open part, with all its text so far. */
  deltas(): readonly Delta[] {
    return this.#channel.deltas();
  }

  /** How many listen, on all nodes. */
  watching(): Promise<number> {
    return this.#watcher.count(this.#channel.listeners.size);
  }

  leave(): void {
    this.#watcher.leave();
    this.#channel.listeners.delete(this.#listener);
    this.#follower.left();
  }
}
