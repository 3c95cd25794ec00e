import { setImmediate as nextTurn } from "node:timers/promises";
import type { Cluster } from "../../persistence/index.ts";
import { openInMemoryCluster } from "../../persistence/in-memory/index.ts";

/** Nodes of one process that hear each other as over a network: later, in order, and not at all while the line is down. */
export interface Line {
  /** What one more node shares with the others. */
  node(): Cluster;
  /** Loses what is said, and what is kept unless only messages are lost. */
  cut(what?: "messages"): void;
  /** These nodes, by their place in the order they joined, are told that something was lost; all where nothing is given. */
  mend(told?: readonly number[]): void;
  /** Messages that were said so far. */
  readonly said: readonly string[];
}

export function line(): Line {
  const shared = openInMemoryCluster();
  const gaps: Set<() => void>[] = [];
  const said: string[] = [];
  /** Of each node the channels it listens to. */
  const listening: string[][] = [];
  let down = false;
  let forgets = false;
  const later = (deliver: () => void): void => {
    setImmediate(() => {
      if (!down) deliver();
    });
  };
  const node = (): Cluster => {
    const listeners = new Set<() => void>();
    gaps.push(listeners);
    const own: string[] = [];
    listening.push(own);
    return {
      ...openInMemoryCluster(),
      alone: false,
      bus: {
        publish: (channel, message, reached) => {
          said.push(message);
          if (down) return;
          reached?.(listening.filter((channels) => channels !== own && channels.includes(channel)).length);
          shared.bus.publish(channel, message);
        },
        subscribe: async (channel, listener) => {
          await nextTurn();
          own.push(channel);
          const leave = await shared.bus.subscribe(channel, (message) => later(() => listener(message)));
          return () => {
            own.splice(own.indexOf(channel), 1);
            leave();
          };
        },
        onGap: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      cache: {
        ...bound(shared.cache),
        get: async (key) => (forgets ? null : shared.cache.get(key)),
        append: async (key, text, ttlMs) => (forgets ? undefined : shared.cache.append(key, text, ttlMs)),
      },
      get health() {
        return down ? ({ status: "degraded", reason: "the line is down" } as const) : ({ status: "ok" } as const);
      },
    };
  };
  return {
    node,
    said,
    cut: (what) => {
      down = true;
      forgets = what !== "messages";
    },
    mend: (told = [...gaps.keys()]) => {
      down = false;
      forgets = false;
      for (const place of told) for (const tell of gaps[place] ?? []) tell();
    },
  };
}

function bound(cache: Cluster["cache"]): Cluster["cache"] {
  return {
    get: (key) => cache.get(key),
    set: (key, value, ttlMs) => cache.set(key, value, ttlMs),
    append: (key, text, ttlMs) => cache.append(key, text, ttlMs),
    increment: (key, by, ttlMs) => cache.increment(key, by, ttlMs),
    join: (key, member, ttlMs) => cache.join(key, member, ttlMs),
    leave: (key, member) => cache.leave(key, member),
    members: (key) => cache.members(key),
    delete: (key) => cache.delete(key),
  };
}
