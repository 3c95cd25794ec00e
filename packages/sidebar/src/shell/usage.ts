import type { RunState, SessionState } from "@orquestra/protocol";

export interface SessionUsage {
  /** Tokens of the newest model call: what the next one starts with. */
  readonly context: number;
  readonly tokens: number;
  readonly cached: number;
  /** Dollars of the runs whose price is known; `null` when none is. */
  readonly cost: number | null;
  /** Some of its runs have a price nobody knows, so it cost more than that. */
  readonly costsMore: boolean;
}

/** What the loaded runs of a session used. */
export function usageOf(state: SessionState): SessionUsage {
  const runs = [...Object.values(state.endedRuns), ...Object.values(state.activeRuns)];
  const costs = runs.map((run) => run.cost).filter((cost) => cost !== null);
  return {
    context: newestContext(runs),
    tokens: sum(runs.map((run) => (run.usage === null ? 0 : run.usage.inputTokens + run.usage.outputTokens))),
    cached: sum(runs.map((run) => run.usage?.cachedInputTokens ?? 0)),
    cost: costs.length === 0 ? null : sum(costs),
    costsMore: runs.some((run) => run.usage !== null && run.cost === null),
  };
}

export function sameUsage(a: SessionUsage, b: SessionUsage): boolean {
  const same = a.tokens === b.tokens && a.cached === b.cached && a.cost === b.cost;
  return same && a.context === b.context && a.costsMore === b.costsMore;
}

function newestContext(runs: readonly RunState[]): number {
  const turns = runs.flatMap((run) => run.turns).filter((turn) => turn.usage !== null);
  const newest = turns.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt)).at(-1);
  return newest?.usage == null ? 0 : newest.usage.inputTokens + newest.usage.outputTokens;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
