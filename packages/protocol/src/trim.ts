import type { RunState, Runs, SessionState } from "./state.ts";

/**
 * Keeps the newest `messages` messages with their runs, and every active run: what a server sends as a snapshot.
 * `truncated` says that older messages exist on the server.
 */
export function trimSession(state: SessionState, messages: number): SessionState {
  if (state.messages.length <= messages && !state.truncated) return state;
  const kept = messages > 0 ? state.messages.slice(-messages) : [];
  return { ...state, messages: kept, endedRuns: pick(state.endedRuns, kept), truncated: true };
}

function pick(runs: Runs, messages: SessionState["messages"]): Runs {
  const entries = new Map<string, RunState>();
  for (const { runId } of messages) {
    const run = runId !== null && Object.hasOwn(runs, runId) ? runs[runId] : undefined;
    if (run !== undefined) entries.set(run.runId, run);
  }
  return Object.fromEntries(entries);
}
