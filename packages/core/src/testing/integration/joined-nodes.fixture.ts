import { setImmediate as nextTurn } from "node:timers/promises";
import type { Cluster } from "../../persistence/index.ts";
import { openInMemoryCluster } from "../../persistence/in-memory/index.ts";

/** Nodes of one process that hear each other as over a network: later, in order, and not at all while the line is down. */
export interface Line {
  /** What one more node shares with the others. */
  node(): Cluster;
  /** Loses what is said, and what is kept. */
  cut(): void;
  /** Everybody is told that something was lost, unless that is lost as well. */
  mend(how?: "quietly"): void;
  /** Messages that were said so far. */
  readonly said: readonly string[];
}

export function line(): Line {
  const shared = openInMemoryCluster();
  const gaps = new Set<() => void>();
  const said: string[] = [];
  let down = false;
  const later = (deliver: () => void): void => {
    setImmediate(() => {
      if (!down) deliver();
    });
  };
  const node = (): Cluster => ({
    ...openInMemoryCluster(),
    alone: false,
    bus: {
      publish: (channel, message) => {
        said.push(message);
        if (!down) shared.bus.publish(channel, message);
      },
      subscribe: async (channel, listener) => {
        await nextTurn();
        return shared.bus.subscribe(channel, (message) => later(() => listener(message)));
      },
      onGap: (listener) => {
        gaps.add(listener);
        return () => gaps.delete(listener);
      },
    },
    cache: {
      ...bound(shared.cache),
      get: async (key) => (down ? null : shared.cache.get(key)),
      append: async (key, text, ttlMs) => (down ? undefined : shared.cache.append(key, text, ttlMs)),
    },
    get health() {
      return down ? ({ status: "degraded", reason: "the line is down" } as const) : ({ status: "ok" } as const);
    },
  });
  return {
    node,
    said,
    cut: () => {
      down = true;
    },
    mend: (how) => {
      down = false;
      if (how !== "quietly") for (const tell of gaps) tell();
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
