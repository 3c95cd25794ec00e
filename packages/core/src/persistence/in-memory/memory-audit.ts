import type { AuditLog, AuditRow } from "../audit-log.ts";
import { placeTaken } from "../refusals.ts";

export function memoryAudit(): AuditLog {
  const chains = new Map<string, Map<number, AuditRow>>();
  return {
    append: async (rows) => {
      if (rows.some((row) => (chains.get(row.chain)?.get(row.position) ?? row).hash !== row.hash)) throw placeTaken();
      for (const row of rows) {
        const chain = chains.get(row.chain) ?? new Map<number, AuditRow>();
        chains.set(row.chain, chain);
        if (!chain.has(row.position)) chain.set(row.position, row);
      }
    },
    heads: async () => inOrder(chains).flatMap((rows) => rows.at(-1) ?? []),
    openings: async () => inOrder(chains).flatMap((rows) => rows.find(({ position }) => position === 1) ?? []),
    read: async (after, { limit, since = "" }) => {
      const rows = inOrder(chains).flat();
      return rows.filter((row) => (after === null || compare(row, after) > 0) && row.at >= since).slice(0, limit);
    },
  };
}

type Place = Pick<AuditRow, "chain" | "position">;

function inOrder(chains: ReadonlyMap<string, ReadonlyMap<number, AuditRow>>): readonly (readonly AuditRow[])[] {
  const names = [...chains.keys()].toSorted();
  return names.map((name) => [...(chains.get(name)?.values() ?? [])].toSorted(compare));
}

function compare(a: Place, b: Place): number {
  if (a.chain !== b.chain) return a.chain < b.chain ? -1 : 1;
  return a.position - b.position;
}
