import type { SessionStore } from "@orquestra/client";
import {
  type MessageState,
  type PartState,
  type RunState,
  type SessionState,
  type TodoState,
  findRun,
  isRunTerminal,
} from "@orquestra/protocol";
import { useMemo } from "react";
import { useStore } from "./context.ts";
import { sameItems, useReadable, useSelected } from "./use-readable.ts";

/** One part of the session's state; `select` must be defined outside the component. `null` while it loads. */
export function useSession<S>(select: (state: SessionState) => S, same?: (a: S, b: S) => boolean): S | null {
  const store = useStore();
  const orNull = useMemo(() => (state: SessionState | null) => (state === null ? null : select(state)), [select]);
  const sameOrNull = useMemo(() => nullable(same ?? Object.is), [same]);
  return useSelected(store.state, orNull, sameOrNull);
}

function nullable<S>(same: (a: S, b: S) => boolean): (a: S | null, b: S | null) => boolean {
  return (a, b) => (a === null || b === null ? a === b : same(a, b));
}

/** A run as far as its work goes. Text that streams into its parts renders nothing again: parts are read one by one. */
export function useRun(runId: string): RunState | undefined {
  const store = useStore();
  return useSelected(
    useMemo(() => store.run(runId), [store, runId]),
    itself,
    sameWork,
  );
}

function itself<T>(value: T): T {
  return value;
}

function sameWork(a: RunState | undefined, b: RunState | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const { parts: partsA, ...workA } = a;
  const { parts: partsB, ...workB } = b;
  return sameItems(Object.values(workA), Object.values(workB)) && sameItems(partsA.flatMap(outline), partsB.flatMap(outline));
}

/** What is to be known of a part to place it. */
function outline({ partId, status, text }: PartState): readonly unknown[] {
  return [partId, status, text.length < 20 && text.trim() === ""];
}

export function useTodo(runId: string, todoId: string): TodoState | undefined {
  const store = useStore();
  return useReadable(useMemo(() => store.todo(runId, todoId), [store, runId, todoId]));
}

export function useMessage(messageId: string): MessageState | undefined {
  const store = useStore();
  return useReadable(useMemo(() => store.message(messageId), [store, messageId]));
}

/** The run being worked on now, if any. */
export function useActiveRunId(): string | null {
  return useSession(activeRunId);
}

/** The run the plan and the score show: the active one, else the newest that has todos. */
export function useShownRunId(): string | null {
  return useSession(shownRunId);
}

/** Messages that wait for the run before them, in order. */
export function useQueue(): readonly MessageState[] {
  return useSession(queuedMessages, sameItems) ?? [];
}

export function useSessionStatus(): ReturnType<SessionStore["status"]["get"]> {
  return useReadable(useStore().status);
}

export function activeRunId(state: SessionState): string | null {
  const runs = Object.values(state.activeRuns);
  const working = runs.find((run) => run.status === "running" || run.status === "waiting");
  // A queued run with nothing before it is about to start: it counts as the one being worked on.
  return working?.runId ?? queueOf(state)[0]?.runId ?? null;
}

export function shownRunId(state: SessionState): string | null {
  const active = activeRunId(state);
  if (active !== null && (findRun(state, active)?.todos.length ?? 0) > 0) return active;
  return newestWithTodos(state) ?? active;
}

function queuedMessages(state: SessionState): readonly MessageState[] {
  const active = activeRunId(state);
  return queueOf(state).filter((message) => message.runId !== active);
}

/** Whether a message waits behind another run. */
export function isQueued(state: SessionState, messageId: string): boolean {
  return queuedMessages(state).some((message) => message.messageId === messageId);
}

/** The messages at the end of the thread whose runs have not begun. */
function queueOf(state: SessionState): readonly MessageState[] {
  let from = state.messages.length;
  while (from > 0 && runOf(state, state.messages[from - 1])?.status === "queued") from -= 1;
  return state.messages.slice(from);
}

/** Further back nobody looks for the plan, and the search must not grow with the thread. */
const recentMessages = 60;

function newestWithTodos(state: SessionState): string | null {
  const recent = state.messages.slice(-recentMessages).toReversed();
  const message = recent.find((candidate) => (runOf(state, candidate)?.todos.length ?? 0) > 0);
  return message?.runId ?? null;
}

function runOf(state: SessionState, message: MessageState | undefined): RunState | undefined {
  return message?.runId == null ? undefined : findRun(state, message.runId);
}

/** Busy counts waiting for a person too: a new message is queued behind it. */
export function isBusy(run: RunState | undefined): boolean {
  return run !== undefined && !isRunTerminal(run.status);
}
