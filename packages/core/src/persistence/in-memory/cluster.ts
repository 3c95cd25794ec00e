import type { Cluster, Work, WakeUp } from "../cluster.ts";
export function openInMemoryCluster(): Cluster {
  let work: Work | null = null;
  const waiting: WakeUp[] = [];
  const under = new Set<Promise<void>>();
  const closing = new AbortController();
  const go = (w: WakeUp): void => {
    const p = (work as Work)(w, closing.signal).catch(() => undefined).finally(() => under.delete(p));
    under.add(p);
  };
  return {
    alone: true,
    health: { status: "ok" },
    queue: {
      add: async (w) => { if (work === null) waiting.push(w); else go(w); },
      work: (w) => { work = w; for (const one of waiting.splice(0)) go(one); },
      stop: async () => { closing.abort(); await Promise.all(under); },
    },
    bus: { publish: () => undefined, subscribe: async () => () => undefined, onGap: () => () => undefined },
    cache: { get: async () => null, set: async () => undefined, append: async () => undefined, increment: async () => null, join: async () => undefined, leave: async () => undefined, members: async () => [], delete: async () => undefined },
    close: async () => undefined,
  };
}
