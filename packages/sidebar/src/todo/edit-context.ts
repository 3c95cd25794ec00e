import { createContext, use } from "react";

export interface TodoTarget {
  readonly runId: string;
  readonly todoId: string;
}

/** Opens the form in which the arguments of a todo are changed. */
export const EditTodoContext = createContext<(target: TodoTarget) => void>(() => undefined);

export function useEditTodo(): (target: TodoTarget) => void {
  return use(EditTodoContext);
}
