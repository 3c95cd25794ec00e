import type { RunState } from "@orquestra/protocol";
import { timeOf } from "./format.ts";
import { type Span, totalOf, union } from "./timeline.ts";

/** Milliseconds of a run in which the model wrote or a todo ran. Waiting for a person does not count. */
export function workedMs(run: RunState, now: number): number {
  const end = timeOf(run.endedAt) ?? now;
  const turns = run.turns.map((turn, index) => {
    const next = timeOf(run.turns[index + 1]?.startedAt ?? null);
    return span(turn.startedAt, timeOf(turn.endedAt) ?? next ?? end);
  });
  const todos = run.todos.map((todo) => span(todo.startedAt, timeOf(todo.endedAt) ?? (todo.status === "running" ? end : null)));
  return totalOf(union([...turns, ...todos].filter((entry) => entry !== null)));
}

/** From a moment of the log to a time; `null` where either is missing. */
export function span(from: string | null, end: number | null): Span | null {
  const start = timeOf(from);
  return start === null || end === null ? null : { start, end };
}
