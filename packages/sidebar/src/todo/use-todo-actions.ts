import type { RunState, TodoState } from "@orquestra/protocol";
import { useMemo } from "react";
import { useStore } from "../hooks/context.ts";
import { useCommand } from "../hooks/use-command.ts";
import { sameItems, useSelected } from "../hooks/use-readable.ts";
import { type TodoAction, actionsFor, noActions } from "./actions.ts";
import { useEditTodo } from "./edit-context.ts";

export interface TodoActions {
  readonly actions: readonly TodoAction[];
  readonly act: (action: TodoAction) => void;
  readonly pending: boolean;
  /** Why the last one was refused, in words, as long as there is something to do. */
  readonly error: string | null;
}

/** What can be done to a todo now, and what became of the last try. */
export function useTodoActions(runId: string, todo: TodoState | undefined): TodoActions {
  const actions = useActions(runId, todo);
  const openEdit = useEditTodo();
  const stop = useCommand("todo-cancel");
  const skip = useCommand("todo-skip");
  const retry = useCommand("todo-retry");
  const act = (action: TodoAction): void => {
    if (todo === undefined) return;
    const target = { runId, todoId: todo.id };
    if (action === "stop") stop.send(target);
    else if (action === "skip") skip.send(target);
    else if (action === "retry") retry.send(target);
    else openEdit(target);
  };
  const states = [stop.state, skip.state, retry.state];
  const failed = states.find((state) => state.status === "failed");
  return {
    actions,
    act,
    pending: states.some((state) => state.status === "pending"),
    error: failed?.status === "failed" && actions.length > 0 ? failed.message : null,
  };
}

function useActions(runId: string, todo: TodoState | undefined): readonly TodoAction[] {
  const store = useStore();
  const select = useMemo(
    () => (run: RunState | undefined) => (run === undefined || todo === undefined ? noActions : actionsFor(run, todo)),
    [todo],
  );
  return useSelected(
    useMemo(() => store.run(runId), [store, runId]),
    select,
    sameItems,
  );
}
