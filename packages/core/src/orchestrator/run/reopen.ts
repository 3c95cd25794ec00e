import { hasEnded, neededInVain, vainReason } from "./end-todo.ts";
import type { Run } from "./run.ts";
import { type LiveTodo, firstStatus, isEffect } from "./todo-list.ts";

/** Why a person cannot have it run again; null where they can. What has completed never runs again. */
export function whyNotReopened(run: Run, todo: LiveTodo): string | null {
  const { record, tool } = todo;
  if (record.status === "completed") return "It has completed, and what has completed is not run again.";
  if (record.status === "unknown") return "Nobody knows what became of it: say that first.";
  if (!hasEnded(todo)) return "It has not ended yet.";
  if (tool === null) return "There is nothing to run: the line could not be read, or its tool is gone.";
  if (run.pause !== null || run.openApprovals().some(({ kind }) => kind === "flood"))
    return "The run asks whether it may go on: answer that first.";
  const parent = record.parent === null ? undefined : run.todos.get(record.parent);
  if (parent !== undefined && hasEnded(parent)) return `It is part of ${parent.record.id}, which has ended: let that run again.`;
  const needed = neededInVain(run, todo);
  return needed === null ? null : `${vainReason(needed)} Let that run again, and this one follows.`;
}

/** It waits to be run again, and so does what was skipped for its sake. Effects ask as if they had never been asked for. */
export function reopen(run: Run, todo: LiveTodo): void {
  run.reopened += 1;
  const again = new Set([todo]);
  for (const one of again) {
    const reason = vainReason(one);
    for (const dependant of run.todos.dependants(one.record.id)) {
      if (dependant.record.status === "skipped" && dependant.record.note === reason) again.add(dependant);
    }
  }
  for (const one of again) reopenOne(run, one);
}

function reopenOne(run: Run, todo: LiveTodo): void {
  if (todo.children === null)
    return putBack(run, todo, firstStatus(todo.tool !== null && isEffect(todo.tool), todo.record.control));
  for (const id of todo.children) {
    const child = run.todos.get(id);
    if (child !== undefined && child.record.status !== "completed") reopenOne(run, child);
  }
  putBack(run, todo, "running");
}

function putBack(run: Run, todo: LiveTodo, status: "pending" | "proposed" | "running"): void {
  todo.approvalId = null;
  todo.attemptsBefore = todo.record.attempt;
  const nothing = { result: null, label: null, error: null, note: null, endedAt: null } as const;
  const change = run.patchTodo(todo, { ...nothing, status });
  run.post([run.event("todo-updated", { todoId: todo.record.id, status })], [change]);
}
