import type { ForwardedCommands } from "../ownership.ts";
import type { MemoryTables } from "./memory-tables.ts";
import { holderOf, type Leases } from "./ownership.ts";
import { joinKey } from "./shelf.ts";

export function memoryForwarded(tables: MemoryTables, leases: Leases): ForwardedCommands {
  const rows = tables.forwarded;
  return {
    post: async (forwarded) => {
      const key = joinKey(forwarded.userId, forwarded.command.id);
      if (!rows.has(key)) rows.set(key, { forwarded, answer: null });
    },
    waitingFor: async (nodeId, limit) => {
      const waiting = [...rows.values()].filter(({ answer }) => answer === null).map(({ forwarded }) => forwarded);
      return waiting.filter(({ sessionId }) => holderOf(tables, leases, sessionId) === nodeId).slice(0, limit);
    },
    answer: async (userId, commandId, answer) => {
      const row = rows.get(joinKey(userId, commandId));
      if (row !== undefined) row.answer ??= answer;
    },
    answerOf: async (userId, commandId) => rows.get(joinKey(userId, commandId))?.answer,
    delete: async (userId, commandId) => {
      rows.delete(joinKey(userId, commandId));
    },
    trim: async (before) => {
      const old = [...rows].filter(([, { forwarded }]) => forwarded.at < before);
      for (const [key] of old) rows.delete(key);
      return old.length;
    },
  };
}
