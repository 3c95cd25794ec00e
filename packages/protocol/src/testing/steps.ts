import type { EventData, EventType, OrquestraEvent } from "../event.ts";
import { findRun } from "../find.ts";
import { applyEvent, emptySession } from "../reducer.ts";
import type { RunState, SessionState } from "../state.ts";

/** An event without its envelope; of run r1 unless said otherwise. */
export type Step = { [T in EventType]: readonly [type: T, data: EventData<T>, runId?: string] }[EventType];

/** When everything happens. */
export const at = "2026-01-01T00:00:00.000Z";

export function play(steps: readonly Step[], from = emptySession("s1")): SessionState {
  return steps.reduce((state, [type, data, runId = "r1"]) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a step pairs each type with its data
    return applyEvent(state, { v: 1, type, sessionId: "s1", seq: state.seq + 1, at, runId, data } as OrquestraEvent);
  }, from);
}

/** A message that was sent, with its run. */
export function asked(messageId: string, runId: string): Step[] {
  return [
    ["message-received", { messageId, text: messageId }, runId],
    ["run-queued", { messageId }, runId],
  ];
}

/** Run r1 at work on message m1. */
export const started: readonly Step[] = [...asked("m1", "r1"), ["run-started", { model: "demo" }]];

export function added(id: string): Step {
  const control = { integrity: "user", confidentiality: "public" } as const;
  const todo = { id, tool: "code_search", title: "search", args: {}, dependsOn: [], effects: [], control, turn: 1 };
  return ["todo-added", { todo: { ...todo, status: "pending" } }];
}

export function runOf(state: SessionState, runId = "r1"): RunState {
  const run = findRun(state, runId);
  if (run === undefined) throw new Error(`no run ${runId}`);
  return run;
}
