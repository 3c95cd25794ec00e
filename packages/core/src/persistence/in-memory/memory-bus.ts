import type { Bus } from "../cluster.ts";

type Listener = (message: string) => void;

/** Hears itself, and nobody else does. Nothing is ever missed. */
export class MemoryBus implements Bus {
  readonly #channels = new Map<string, Set<{ readonly listener: Listener }>>();
  /** Said and not yet heard by all: what a listener publishes waits its turn, so that all hear the same order. */
  readonly #messages: (readonly [channel: string, message: string])[] = [];

  publish(channel: string, message: string, reached?: (elsewhere: number) => void): void {
    reached?.(0);
    this.#messages.push([channel, message]);
    if (this.#messages.length === 1) this.#deliver();
  }

  subscribe(channel: string, listener: Listener): Promise<() => void> {
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners);
    const entry = { listener };
    listeners.add(entry);
    const leave = (): void => {
      listeners.delete(entry);
      if (listeners.size === 0 && this.#channels.get(channel) === listeners) this.#channels.delete(channel);
    };
    return Promise.resolve(leave);
  }

  onGap(): () => void {
    return () => undefined;
  }

  #deliver(): void {
    try {
      for (const [channel, message] of this.#messages)
        for (const { listener } of this.#channels.get(channel) ?? []) listener(message);
    } finally {
      this.#messages.length = 0;
    }
  }
}
