import type { WakeUp } from "../cluster.ts";
import type { Ownership } from "../ownership.ts";
import type { RunRecord } from "../records.ts";
import { activeRuns } from "./active-runs.ts";
import type { MemoryTables } from "./memory-tables.ts";

/** Each step is atomic because nothing is awaited in it. */
export function memoryOwnership(tables: MemoryTables, leases: Leases): Ownership {
  return {
    beat: async (nodeId, { leaseMs, alone = false }) => {
      leases.endOthers(nodeId, alone ? "all" : "endless");
      return leases.renew(nodeId, leaseMs);
    },
    end: async (nodeId) => leases.end(nodeId),
    nodes: async () => leases.living(),
    claim: async ({ sessionId, nodeId, parked }) => {
      const [head] = activeRuns(tables, sessionId);
      if (head === undefined || !leases.lives(nodeId)) return null;
      if (head.owner !== nodeId && !isFree(head, leases) && !(parked && isParked(head))) return null;
      const claimed: RunRecord = { ...head, owner: nodeId, epoch: head.epoch + 1 };
      tables.apply({ put: "runs", record: claimed });
      markLog(tables, head);
      return claimed;
    },
    runnable: async (limit) => runnable(tables, leases).slice(0, limit),
    holder: async (sessionId) => holderOf(tables, leases, sessionId),
  };
}

/** Until when each node lives, by the process's own clock, which nobody sets. One that was beaten once is remembered. */
export class Leases {
  readonly #until = new Map<string, number>();

  /** False when the lease had run out. */
  renew(nodeId: string, leaseMs: number | null): boolean {
    const kept = !this.#until.has(nodeId) || this.lives(nodeId);
    this.#until.set(nodeId, leaseMs === null ? Infinity : performance.now() + leaseMs);
    return kept;
  }

  end(nodeId: string): void {
    this.#until.delete(nodeId);
  }

  endOthers(nodeId: string, which: "all" | "endless"): void {
    for (const other of this.living()) {
      if (other !== nodeId && (which === "all" || this.#until.get(other) === Infinity)) this.#until.set(other, -Infinity);
    }
  }

  lives(nodeId: string): boolean {
    return (this.#until.get(nodeId) ?? -Infinity) > performance.now();
  }

  living(): readonly string[] {
    return [...this.#until.keys()].filter((nodeId) => this.lives(nodeId));
  }
}

function markLog(tables: MemoryTables, { id: runId, sessionId, startedAt }: RunRecord): void {
  if (startedAt !== null || tables.logMarks.has(runId)) return;
  tables.logMarks.put({ runId, sessionId, before: tables.events.get(sessionId)?.length ?? 0 });
}

export function holderOf(tables: MemoryTables, leases: Leases, sessionId: string): string | null {
  const owner = activeRuns(tables, sessionId)[0]?.owner ?? null;
  return owner !== null && leases.lives(owner) ? owner : null;
}

/** It waits for a person, and nobody has it. */
function isParked({ status, owner }: RunRecord): boolean {
  return status === "waiting" && owner === null;
}

function isFree(run: RunRecord, leases: Leases): boolean {
  return run.owner === null ? !isParked(run) : !leases.lives(run.owner);
}

function runnable(tables: MemoryTables, leases: Leases): readonly WakeUp[] {
  const heads = new Map<string, RunRecord>();
  for (const run of activeRuns(tables)) if (!heads.has(run.sessionId)) heads.set(run.sessionId, run);
  const free = [...heads.values()].filter((head) => isFree(head, leases));
  const longestQueued = free.toSorted((a, b) => (a.queuedAt === b.queuedAt ? 0 : a.queuedAt < b.queuedAt ? -1 : 1));
  return longestQueued.map(({ id, sessionId }) => ({ runId: id, sessionId }));
}
