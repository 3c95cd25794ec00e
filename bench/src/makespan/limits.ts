import { type Pace, writtenAt } from "../lib/pace.ts";
import { planLines } from "./plan-text.ts";
import { type Todo, answer, dependenciesOf, tailsOf } from "./workload.ts";

/** What no executor can be faster than, in ms. */
export interface Limits {
  /** A planner that writes infinitely fast. */
  readonly anyPlan: number;
  /** This plan in this order: no todo starts before its last token, no effect before the last token of all. */
  readonly ownPlan: number;
}

export function limitsOf(todos: readonly Todo[], pace: Pace): Limits {
  const answering = writtenAt(pace, answer.length);
  const longest = Math.max(...tailsOf(todos).values());
  return { anyPlan: pace.firstTokenMs + longest + answering, ownPlan: planDone(todos, pace) + answering };
}

function planDone(todos: readonly Todo[], pace: Pace): number {
  const { text, ends } = planLines(todos);
  const turnEnds = writtenAt(pace, text.length);
  const finished = new Map<string, number>();
  for (const [index, todo] of todos.entries()) {
    const written = todo.block === undefined ? writtenAt(pace, ends[index] ?? 0) : turnEnds;
    const inputs = dependenciesOf(todo).map((id) => finished.get(id) ?? Number.NaN);
    finished.set(todo.id, Math.max(written, ...inputs) + todo.ms);
  }
  return Math.max(turnEnds, ...finished.values());
}
