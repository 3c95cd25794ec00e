import { defined } from "./defined.ts";
import type { OrquestraEvent } from "./event.ts";
import { type EventOf, type EventTable, isIn, lookUp } from "./event-table.ts";
import { findActivePart, findRun } from "./find.ts";
import type { Delta, UnknownEvent } from "./frame.ts";
import { leaveQueue, messageReducers, openAnswer, setRun, setText } from "./reduce-message.ts";
import { queuedRun, runReducers, withPart } from "./reduce-run.ts";
import type { RunState, Runs, SessionState } from "./state.ts";
import { isRunTerminal } from "./words.ts";

/** Events between the state and this one are missing: read on from `expected`. */
export class SequenceGap extends Error {
  readonly code = "sequence_gap";
  readonly expected: number;
  readonly received: number;

  constructor(expected: number, received: number) {
    super(`Event ${expected} of the session is missing: ${received} came. Attach again from ${expected - 1}.`);
    this.name = "SequenceGap";
    this.expected = expected;
    this.received = received;
  }
}

type SessionEventType = "session-created" | "session-updated" | "session-deleted" | "run-queued" | keyof typeof messageReducers;

/** How each event changes the session; those that change a run are in `runReducers`. */
const sessionReducers: EventTable<SessionEventType, SessionState, SessionState> = {
  "session-created": (state, { data }) => ({ ...state, ...data }),
  "session-updated": (state, { data }) => ({ ...state, ...defined(data) }),
  "session-deleted": (state) => ({ ...state, deleted: true }),
  "run-queued": (state, { runId, at, data: { messageId } }) => {
    if (runId === undefined || findRun(state, runId) !== undefined) return state;
    return setRun(putRun(state, queuedRun(runId, messageId, at)), messageId, runId);
  },
  ...messageReducers,
};

/** The state before the first event. */
export function emptySession(sessionId: string): SessionState {
  return {
    sessionId,
    seq: 0,
    title: "",
    workspace: null,
    model: "",
    mode: "ask",
    planFormat: null,
    archived: false,
    deleted: false,
    messages: [],
    activeRuns: {},
    endedRuns: {},
    truncated: false,
  };
}

/**
 * The state after the next event. An event that is already in changes nothing, one that comes too early throws a SequenceGap.
 * What an event does not touch keeps its identity. Events of runs that were trimmed away only count.
 */
export function applyEvent(state: SessionState, event: OrquestraEvent | UnknownEvent): SessionState {
  if (event.seq <= state.seq) return state;
  if (event.seq !== state.seq + 1) throw new SequenceGap(state.seq + 1, event.seq);
  const next = event.type === "unknown" ? state : reduceSession(state, event);
  return { ...next, seq: event.seq };
}

/** Adds text to an open part. Overlap is dropped; text that would leave a hole is ignored: `part-closed` brings all of it. */
export function applyDelta(state: SessionState, delta: Delta): SessionState {
  const found = findActivePart(state, delta.partId);
  if (found === undefined || found.part.status === "closed") return state;
  const { text } = found.part;
  const more = delta.offset > text.length ? "" : delta.text.slice(text.length - delta.offset);
  if (more === "") return state;
  return putRun(
    state,
    withPart(found.run, delta.partId, (part) => ({ ...part, text: text + more })),
  );
}

/** Types that are in neither table tell of something that is no part of the session's state. */
function reduceSession(state: SessionState, event: OrquestraEvent): SessionState {
  if (isIn(sessionReducers, event)) return lookUp(sessionReducers, event)(state, event);
  return isIn(runReducers, event) ? reduceRunOf(state, event) : state;
}

function reduceRunOf(state: SessionState, event: EventOf<keyof typeof runReducers>): SessionState {
  const run = event.runId === undefined ? undefined : findRun(state, event.runId);
  if (run === undefined) return state;
  const next = lookUp(runReducers, event)(run, event);
  const moved = run.status === "queued" && next.status !== "queued" ? leaveQueue(state, run.messageId) : state;
  const after = next === run ? moved : putRun(moved, next);
  if (event.type === "part-opened") return openAnswer(after, event, event.data.messageId);
  return event.type === "part-closed" ? fillAnswer(after, next, event.data.partId) : after;
}

/** So that a thread of messages is whole even where an answer was cut and never completed. */
function fillAnswer(state: SessionState, run: RunState, partId: string): SessionState {
  const closed = run.parts.find((part) => part.partId === partId);
  if (closed === undefined || closed.kind !== "text") return state;
  const parts = run.parts.filter(
    (part) => part.messageId === closed.messageId && part.kind === "text" && part.status === "closed",
  );
  return setText(state, closed.messageId, parts.map((part) => part.text).join(""));
}

function putRun(state: SessionState, run: RunState): SessionState {
  const [home, other] = isRunTerminal(run.status)
    ? (["endedRuns", "activeRuns"] as const)
    : (["activeRuns", "endedRuns"] as const);
  return { ...state, [home]: { ...state[home], [run.runId]: run }, [other]: without(state[other], run.runId) };
}

function without(runs: Runs, runId: string): Runs {
  if (!Object.hasOwn(runs, runId)) return runs;
  return Object.fromEntries(Object.entries(runs).filter(([id]) => id !== runId));
}
