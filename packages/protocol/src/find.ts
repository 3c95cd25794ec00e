import type { PartState, RunState, SessionState } from "./state.ts";

/** A run that is still known, active or ended. */
export function findRun(state: SessionState, runId: string): RunState | undefined {
  if (Object.hasOwn(state.activeRuns, runId)) return state.activeRuns[runId];
  return Object.hasOwn(state.endedRuns, runId) ? state.endedRuns[runId] : undefined;
}

/** A part of an active run. Costs the parts of these runs, never the length of the thread. */
export function findActivePart(
  state: SessionState,
  partId: string,
): { readonly run: RunState; readonly part: PartState } | undefined {
  for (const run of Object.values(state.activeRuns)) {
    const part = run.parts.findLast((candidate) => candidate.partId === partId);
    if (part !== undefined) return { run, part };
  }
  return undefined;
}

/** The parts whose text is still being written. */
export function openParts(state: SessionState): readonly PartState[] {
  return Object.values(state.activeRuns).flatMap((run) => run.parts.filter((part) => part.status === "open"));
}
