import type { OrquestraEvent } from "./event.ts";
import type { EventTable } from "./event-table.ts";
import { findRun } from "./find.ts";
import type { MessageState, SessionState } from "./state.ts";

type MessageEventType = `message-${"received" | "queued" | "removed" | "updated" | "completed"}`;

/** Messages come in at the end and wait there for their runs; answers stand behind what their run has said before. */
export const messageReducers: EventTable<MessageEventType, SessionState, SessionState> = {
  "message-received": (state, event) => {
    const { messageId, text, attachments = [] } = event.data;
    const message = { messageId, runId: event.runId ?? null, role: "user", text, at: event.at, attachments } as const;
    return { ...state, messages: [...state.messages, message] };
  },
  "message-queued": (state, { data }) => ({ ...state, messages: moveInQueue(state, data.messageId, data.position) }),
  "message-removed": (state, { data }) => removeMessage(state, data.messageId),
  "message-updated": (state, { data }) => setText(state, data.messageId, data.text),
  "message-completed": (state, event) => {
    const { messageId, text } = event.data;
    return setText(openAnswer(state, event, messageId), messageId, text);
  },
};

/** An answer begins with its first part: from then on it has its place in the thread. */
export function openAnswer(state: SessionState, event: OrquestraEvent, messageId: string): SessionState {
  const place = answerPlace(state, event.runId);
  if (isInRun(state, { messageId, runId: event.runId, before: place })) return state;
  const message: MessageState = {
    messageId,
    runId: event.runId ?? null,
    role: "assistant",
    text: "",
    at: event.at,
    attachments: [],
  };
  return { ...state, messages: state.messages.toSpliced(place, 0, message) };
}

/** A message whose run began, or will never begin, waits no more: it comes to stand behind all that did not wait. */
export function leaveQueue(state: SessionState, messageId: string): SessionState {
  const index = indexOf(state, messageId);
  const message = state.messages[index];
  const start = queueStart(state);
  if (message === undefined || index <= start) return state;
  return { ...state, messages: state.messages.toSpliced(index, 1).toSpliced(start, 0, message) };
}

/** Behind the last message of the run. Where that was trimmed away, before what waits. */
function answerPlace(state: SessionState, runId: string | undefined): number {
  const last = runId === undefined ? -1 : state.messages.findLastIndex((message) => message.runId === runId);
  return last < 0 ? queueStart(state) : last + 1;
}

/** A run's messages stand together, so only they are looked through. */
function isInRun(
  state: SessionState,
  answer: { readonly messageId: string; readonly runId: string | undefined; readonly before: number },
) {
  for (let index = answer.before - 1; index >= 0; index -= 1) {
    const message = state.messages[index];
    if (message?.messageId === answer.messageId) return true;
    if (message?.runId !== answer.runId) return false;
  }
  return false;
}

export function setText(state: SessionState, messageId: string, text: string): SessionState {
  return patchMessage(state, messageId, (message) => (message.text === text ? message : { ...message, text }));
}

/** Ties a message to its run, where the message came without one. */
export function setRun(state: SessionState, messageId: string, runId: string): SessionState {
  return patchMessage(state, messageId, (message) => (message.runId === null ? { ...message, runId } : message));
}

function patchMessage(state: SessionState, messageId: string, patch: (message: MessageState) => MessageState): SessionState {
  const index = indexOf(state, messageId);
  const message = state.messages[index];
  if (message === undefined) return state;
  const patched = patch(message);
  return patched === message ? state : { ...state, messages: state.messages.with(index, patched) };
}

function removeMessage(state: SessionState, messageId: string): SessionState {
  const messages = state.messages.filter((message) => message.messageId !== messageId);
  const runs = Object.entries(state.activeRuns).filter(([, run]) => run.messageId !== messageId || run.status !== "queued");
  return { ...state, messages, activeRuns: Object.fromEntries(runs) };
}

function moveInQueue(state: SessionState, messageId: string, position: number): readonly MessageState[] {
  const index = indexOf(state, messageId);
  const message = state.messages[index];
  const start = queueStart(state);
  if (message === undefined || index < start) return state.messages;
  return state.messages.toSpliced(index, 1).toSpliced(start + Math.max(0, position), 0, message);
}

/** Index of the first message that still waits for its run. Looks from the end, so it costs the length of the queue. */
function queueStart(state: SessionState): number {
  let index = state.messages.length;
  for (; index > 0; index -= 1) {
    const message = state.messages[index - 1];
    if (message === undefined || !isWaiting(state, message)) break;
  }
  return index;
}

function isWaiting(state: SessionState, message: MessageState): boolean {
  if (message.role !== "user") return false;
  const run = message.runId === null ? undefined : findRun(state, message.runId);
  return run === undefined || run.status === "queued";
}

/** Newest first: what events speak of is nearly always among the last. */
function indexOf(state: SessionState, messageId: string): number {
  return state.messages.findLastIndex((message) => message.messageId === messageId);
}
