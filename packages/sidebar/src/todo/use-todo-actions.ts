import type { RunState } from "@orquestra/protocol";
import { useMemo } from "react";
import { useStore } from "../hooks/context.ts";
import { useCommand } from "../hooks/use-command.ts";
import { sameItems, useSelected } from "../hooks/use-readable.ts";
import { type TodoAction, actionsFor } from "./actions.ts";
import { type TodoTarget, useEditTodo } from "./edit-context.ts";

export interface TodoActions {
  readonly actions: readonly TodoAction[];
  readonly act: (action: TodoAction) => void;
  readonly pending: boolean;
  /** Why the last one was refused, in words, as long as there is something to do. */
  readonly error: string | null;
}

/** What can be done to a todo now, and what became of the last try. */
export function useTodoActions({ runId, todoId }: TodoTarget): TodoActions {
  const actions = useActions(runId, todoId);
  const openEdit = useEditTodo();
  const stop = useCommand("todo-cancel");
  const skip = useCommand("todo-skip");
  const retry = useCommand("todo-retry");
  const act = (action: TodoAction): void => {
    const target = { runId, todoId };
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

function useActions(runId: string, todoId: string): readonly TodoAction[] {
  const store = useStore();
  const select = useMemo(
    () => (run: RunState | undefined) =>
      actionsFor(
        run,
        run?.todos.find(({ id }) => id === todoId),
      ),
    [todoId],
  );
  return useSelected(
    useMemo(() => store.run(runId), [store, runId]),
    select,
    sameItems,
  );
}
