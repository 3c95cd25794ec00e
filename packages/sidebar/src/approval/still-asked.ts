import { type ApprovalState, type RunState, isTodoTerminal } from "@orquestra/protocol";

/** A card without what was skipped since it was raised: nobody is asked about that any more. */
export function stillAsked(run: RunState, approval: ApprovalState): ApprovalState {
  const ended = new Set(run.todos.filter(({ status }) => isTodoTerminal(status)).map(({ id }) => id));
  return { ...approval, todos: approval.todos.filter(({ todoId }) => !ended.has(todoId)) };
}
