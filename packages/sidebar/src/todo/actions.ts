import { type RunState, type TodoState, isRunTerminal } from "@orquestra/protocol";
import { isTriedAgain } from "../lib/status.ts";
import { referredTodos } from "../lib/value.ts";

/** What a person can do to a todo while its run goes on. */
export type TodoAction = "edit" | "skip" | "stop" | "retry" | "edit-retry";

export const noActions: readonly TodoAction[] = [];

/** Only what the server would take, as far as the state tells: everything else it refuses in words. */
export function actionsFor(run: RunState, todo: TodoState): readonly TodoAction[] {
  if (isRunTerminal(run.status) || todo.line !== null) return noActions;
  switch (todo.status) {
    case "running":
      return ["stop"];
    case "pending":
    case "proposed":
    case "waiting_approval":
      if (isTriedAgain(todo)) return ["stop"];
      return todo.attempt === 0 && isEditable(run, todo) ? ["edit", "skip"] : ["skip"];
    case "failed":
    case "cancelled":
    case "skipped":
      if (needsInVain(run, todo)) return noActions;
      return isEditable(run, todo) ? ["retry", "edit-retry"] : ["retry"];
    case "completed":
    case "unknown":
      return noActions;
  }
}

/** Of one that was split up, each part has arguments of its own. */
function isEditable(run: RunState, todo: TodoState): boolean {
  return Object.keys(todo.args).length > 0 && !run.todos.some(({ parent }) => parent === todo.id);
}

/** It was skipped for the sake of one that ended without a result: that one has to run again first. */
function needsInVain(run: RunState, todo: TodoState): boolean {
  const needed = new Set(Object.values(todo.args).flatMap(referredTodos));
  return run.todos.some(({ id, status }) => needed.has(id) && /^(failed|cancelled|skipped)$/.test(status));
}
