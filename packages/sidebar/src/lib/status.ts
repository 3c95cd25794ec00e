import type { RunStatus, TodoState, TodoStatus } from "@orquestra/protocol";
import { wholeSeconds } from "./format.ts";

/** What a colour may mean. Nothing else is coloured. */
export type Tone = "idle" | "run" | "ok" | "wait" | "bad" | "out" | "off";

const todoTones: Readonly<Record<TodoStatus, Tone>> = {
  proposed: "out",
  pending: "idle",
  waiting_approval: "wait",
  running: "run",
  completed: "ok",
  failed: "bad",
  skipped: "off",
  cancelled: "off",
  unknown: "wait",
};

const todoWords: Readonly<Record<TodoStatus, string>> = {
  proposed: "proposed, came from outside",
  pending: "not started",
  waiting_approval: "waiting for you",
  running: "running",
  completed: "done",
  failed: "failed",
  skipped: "skipped",
  cancelled: "stopped",
  unknown: "not known what happened",
};

const runTones: Readonly<Record<RunStatus, Tone>> = {
  queued: "idle",
  running: "run",
  waiting: "wait",
  completed: "ok",
  failed: "bad",
  cancelled: "off",
};

const runWords: Readonly<Record<RunStatus, string>> = {
  queued: "queued",
  running: "running",
  waiting: "waiting for you",
  completed: "done",
  failed: "failed",
  cancelled: "stopped",
};

export function todoTone(status: TodoStatus): Tone {
  return todoTones[status];
}

export function todoWord(status: TodoStatus): string {
  return todoWords[status];
}

/** As `todoTone`, but what was not understood is bad, and nothing turns that has been silent for long. */
export function toneOf(todo: TodoState): Tone {
  if (todo.line !== null) return "bad";
  return silentSeconds(todo) === null ? todoTone(todo.status) : "wait";
}

/** The sign of a todo in words. */
export function wordOf(todo: TodoState): string {
  const silent = silentSeconds(todo);
  return silent === null ? todoWord(todo.status) : `running, silent for ${wholeSeconds(silent)}`;
}

/** For how long it runs without a sign of life; null where it gives some. */
export function silentSeconds(todo: TodoState): number | null {
  return todo.status === "running" ? todo.silentSeconds : null;
}

/** It failed, and is tried again by itself. */
export function isTriedAgain({ status, error, line }: TodoState): boolean {
  return status === "pending" && error !== null && line === null;
}

export function runTone(status: RunStatus): Tone {
  return runTones[status];
}

export function runWord(status: RunStatus): string {
  return runWords[status];
}

/** A todo that only looks (or does nothing to the world). */
export function isRead(todo: TodoState): boolean {
  return todo.effects.every((effect) => effect === "read");
}

/** Written after text that nobody here controls had been read. */
export function isFromOutside(todo: TodoState): boolean {
  return todo.control.integrity === "outside";
}
