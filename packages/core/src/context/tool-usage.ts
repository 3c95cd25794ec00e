import type { Change, Store, ToolUsageRecord } from "../persistence/index.ts";

export interface FinishedCall {
  readonly userId: string;
  readonly tool: string;
  /** ISO time of its end. */
  readonly at: string;
  readonly ms: number;
  readonly failed: boolean;
}

/** The change that counts a call, to be committed with its result. */
export function countCall({ userId, tool, at, ms, failed }: FinishedCall): Change {
  return { count: "tool-usage", record: { day: at.slice(0, 10), userId, tool, calls: 1, errors: failed ? 1 : 0, ms } };
}

export interface ToolUse {
  readonly tool: string;
  readonly calls: number;
  readonly errors: number;
  /** Of all calls together. */
  readonly ms: number;
}

/** A user's calls per tool over all days, most used first. */
export async function loadToolUsage(store: Store, userId: string): Promise<readonly ToolUse[]> {
  return totalUse(await store.toolUsage.list(userId));
}

export function totalUse(records: readonly ToolUsageRecord[]): readonly ToolUse[] {
  const totals = new Map<string, ToolUse>();
  for (const { tool, calls, errors, ms } of records) {
    const before = totals.get(tool) ?? { tool, calls: 0, errors: 0, ms: 0 };
    totals.set(tool, { tool, calls: before.calls + calls, errors: before.errors + errors, ms: before.ms + ms });
  }
  return [...totals.values()].toSorted((a, b) => b.calls - a.calls || (a.tool < b.tool ? -1 : 1));
}
