import type { TodoState } from "@orquestra/protocol";
import { useReveal } from "../hooks/reveal.ts";
import { todoNumber } from "../lib/format.ts";
import { isFromOutside, silentSeconds, todoWord, toneOf, wordOf } from "../lib/status.ts";
import { Mark } from "../shell/mark.tsx";
import { TodoMenu } from "../todo/todo-menu.tsx";
import { TodoTime } from "../todo/todo-time.tsx";
import { useTodoActions } from "../todo/use-todo-actions.ts";
import type { PlanRow } from "./fold.ts";

interface PlanLineProps {
  readonly runId: string;
  readonly row: Extract<PlanRow, { kind: "todo" }>;
}

/** One todo: its sign, its title, what it waits for, how long it takes. Pressing it shows its card in the thread. */
export function PlanLine({ runId, row: { todo, children } }: PlanLineProps) {
  const reveal = useReveal();
  const tone = toneOf(todo);
  const doing = useTodoActions(runId, todo);
  return (
    <li className="oq-todo-line">
      <button
        type="button"
        className="oq-todo"
        data-status={todo.status}
        data-done={todo.status === "completed"}
        onClick={() => reveal({ runId, todoId: todo.id })}
      >
        <Mark tone={tone} label={wordOf(todo)} />
        <span className="oq-todo-name">
          <span className="oq-clip">{todo.line === null ? todo.title : <code>{todo.line}</code>}</span>
          <After todo={todo} />
        </span>
        <span className="oq-todo-end" data-tone={tone}>
          <End todo={todo} childTodos={children} />
        </span>
      </button>
      <TodoMenu todo={todo} doing={doing} />
      {todo.line !== null && todo.error !== null && <p className="oq-todo-error">{todo.error.message}</p>}
      {doing.error !== null && (
        <p className="oq-todo-error" role="alert">
          {doing.error}
        </p>
      )}
    </li>
  );
}

function After({ todo }: { readonly todo: TodoState }) {
  const waits = todo.status === "pending" || todo.status === "waiting_approval" || todo.status === "proposed";
  if (!waits || todo.dependsOn.length === 0) return null;
  return <span className="oq-faint oq-small">after {todo.dependsOn.map(todoNumber).join(", ")}</span>;
}

function End({ todo, childTodos }: { readonly todo: TodoState; readonly childTodos: readonly TodoState[] }) {
  if (todo.line !== null) return "not understood";
  if (isFromOutside(todo) && todo.status !== "completed" && todo.status !== "running")
    return <span className="oq-outside">from outside</span>;
  if (silentSeconds(todo) === null && todo.status === "running" && childTodos.length > 0) {
    return `${childTodos.filter((child) => child.status === "completed").length}/${childTodos.length}`;
  }
  switch (todo.status) {
    case "running":
    case "completed":
    case "pending":
      return <TodoTime todo={todo} />;
    case "waiting_approval":
      return "waiting";
    case "unknown":
      return "unknown";
    case "proposed":
    case "failed":
    case "skipped":
    case "cancelled":
      return todoWord(todo.status);
  }
}
