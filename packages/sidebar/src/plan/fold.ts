import type { TodoState } from "@orquestra/protocol";
import { timeOf } from "../lib/format.ts";
import { totalOf, union } from "../lib/timeline.ts";
import { span } from "../lib/worked.ts";

export type PlanRow =
  | { readonly kind: "done"; readonly todos: readonly TodoState[]; readonly ms: number }
  | { readonly kind: "todo"; readonly todo: TodoState; readonly children: readonly TodoState[] };

/**
 * The lines of the plan: todos in their order, a fan-out as one line, and what is done as one line in front once there are
 * two of it (`open` shows them one by one).
 */
export function planRows(todos: readonly TodoState[], open: boolean): readonly PlanRow[] {
  const lines = todos.filter((todo) => todo.parent === undefined);
  const row = (todo: TodoState): PlanRow => ({ kind: "todo", todo, children: todos.filter((child) => child.parent === todo.id) });
  const done = lines.filter((todo) => todo.status === "completed");
  if (done.length < 2) return lines.map(row);
  const fold: PlanRow = { kind: "done", todos: done, ms: timeOfAll(done) };
  return [fold, ...lines.filter((todo) => open || todo.status !== "completed").map(row)];
}

export interface PlanCount {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
}

export function planCount(todos: readonly TodoState[]): PlanCount {
  const lines = todos.filter((todo) => todo.parent === undefined);
  const ofStatus = (status: TodoState["status"]): number => lines.filter((todo) => todo.status === status).length;
  return { done: ofStatus("completed"), total: lines.length, failed: ofStatus("failed") };
}

/** Time in which at least one of them ran. */
function timeOfAll(todos: readonly TodoState[]): number {
  return totalOf(union(todos.map((todo) => span(todo.startedAt, timeOf(todo.endedAt))).filter((entry) => entry !== null)));
}
