import { missingSession } from "../refusals.ts";
import type { Store } from "../store.ts";
import { MemoryLog } from "./memory-log.ts";
import type { MemoryTables } from "./memory-tables.ts";

export function memoryTrimming(tables: MemoryTables): Pick<Store["events"], "startingBefore" | "trim"> {
  return {
    startingBefore: async (time, { after, limit }) => {
      const old = [...tables.events].filter(([id, { first }]) => id > (after ?? "") && first !== undefined && first.at < time);
      const ids = old.map(([id]) => id).toSorted((a, b) => (a < b ? -1 : 1));
      return ids.slice(0, limit);
    },
    trim: async (state) => {
      const { sessionId, seq } = state;
      if (!tables.sessions.has(sessionId)) throw missingSession();
      const log = tables.events.get(sessionId) ?? new MemoryLog();
      log.trim(seq);
      tables.events.set(sessionId, log);
      if ((tables.snapshots.get(sessionId)?.seq ?? 0) < seq) tables.snapshots.put(state);
    },
  };
}

export function memoryChores(): Store["chores"] {
  const until = new Map<string, number>();
  return {
    take: async (name, forMs) => {
      const free = (until.get(name) ?? -Infinity) <= performance.now();
      if (free) until.set(name, performance.now() + forMs);
      return free;
    },
  };
}
