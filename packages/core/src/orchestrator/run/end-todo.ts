import { type Failure, isTodoTerminal } from "@orquestra/protocol";
import type { Run } from "./run.ts";
import type { LiveTodo } from "./todo-list.ts";

export function hasEnded({ record }: LiveTodo): boolean {
  return isTodoTerminal(record.status);
}

export function allEnded(run: Run, ids: readonly string[]): boolean {
  return ids.every((id) => {
    const todo = run.todos.get(id);
    return todo === undefined || hasEnded(todo);
  });
}

/** The first todo it needs that ended without completing. */
export function neededInVain(run: Run, { needs }: LiveTodo): LiveTodo | null {
  for (const id of needs) {
    const needed = run.todos.get(id);
    if (needed !== undefined && hasEnded(needed) && needed.record.status !== "completed") return needed;
  }
  return null;
}

/** Why what needs it is skipped. */
export function vainReason({ record: { id, status } }: LiveTodo): string {
  return `It needs ${id}, which ${status === "failed" ? "failed" : `was ${status}`}.`;
}

/** The ways a todo ends without having run. */
export function failTodo(run: Run, todo: LiveTodo, error: Failure): void {
  const change = run.patchTodo(todo, { status: "failed", error, endedAt: run.now() });
  run.post([run.event("todo-failed", { todoId: todo.record.id, error })], [change]);
}

export function skipTodo(run: Run, todo: LiveTodo, reason: string): void {
  const change = run.patchTodo(todo, { status: "skipped", note: reason, endedAt: run.now() });
  run.post([run.event("todo-skipped", { todoId: todo.record.id, reason })], [change]);
}

/** What nobody saw the end of stays unknown: it may have happened. */
export function cancelTodo(run: Run, todo: LiveTodo, reason?: string): void {
  if (isTodoTerminal(todo.record.status) || todo.record.status === "unknown") return;
  const change = run.patchTodo(todo, { status: "cancelled", note: reason ?? null, endedAt: run.now() });
  run.post([run.event("todo-cancelled", { todoId: todo.record.id, ...(reason === undefined ? {} : { reason }) })], [change]);
}
