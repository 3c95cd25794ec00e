import type { RunState, TodoState } from "@orquestra/protocol";
import { memo, useMemo, useState } from "react";
import { useStore } from "../hooks/context.ts";
import { useTodo } from "../hooks/session.ts";
import { useSelected } from "../hooks/use-readable.ts";
import { isFromOutside, toneOf, wordOf } from "../lib/status.ts";
import { mainArgument } from "../lib/value.ts";
import { Stat } from "../diff/stat.tsx";
import { Mark } from "../shell/mark.tsx";
import { Argument } from "../shell/argument.tsx";
import { TodoMenu } from "../todo/todo-menu.tsx";
import { TodoTime } from "../todo/todo-time.tsx";
import { useTodoActions } from "../todo/use-todo-actions.ts";
import { TodoBody } from "./todo-body.tsx";

interface TodoCardProps {
  readonly runId: string;
  readonly todoId: string;
}

/** One tool call: a line that opens. Failures, questions and small changes open by themselves. */
export const TodoCard = memo(function TodoCard({ runId, todoId }: TodoCardProps) {
  const todo = useTodo(runId, todoId);
  const changes = useChanges(runId, todoId);
  const doing = useTodoActions(runId, todo);
  const [chosen, setChosen] = useState<boolean | null>(null);
  if (todo === undefined) return null;
  const lines = changes.added + changes.removed;
  const open = chosen ?? (opensItself(todo) || (changes.files > 0 && lines <= 24));
  return (
    <div className="oq-card" data-status={todo.status}>
      <details
        open={open}
        data-todo={`${runId}:${todoId}`}
        onToggle={({ currentTarget }) => currentTarget.open !== open && setChosen(currentTarget.open)}
      >
        <summary className="oq-card-head">
          <Mark tone={toneOf(todo)} label={wordOf(todo)} />
          <strong className="oq-clip">{todo.line === null ? todo.tool : "Not understood"}</strong>
          <Argument text={todo.line ?? mainArgument(todo.args)} />
          {isFromOutside(todo) && <span className="oq-outside oq-small">from outside</span>}
          <span className="oq-time">{changes.files > 0 ? <Stat {...changes} /> : <TimeText todo={todo} />}</span>
        </summary>
        {open && <TodoBody runId={runId} todo={todo} changed={changes.files > 0} />}
      </details>
      {todo.status !== "failed" && <TodoMenu todo={todo} doing={doing} />}
      {doing.error !== null && (
        <p className="oq-card-error" role="alert">
          {doing.error}
        </p>
      )}
    </div>
  );
});

function opensItself(todo: TodoState): boolean {
  return todo.status === "failed" || todo.status === "unknown" || todo.line !== null;
}

function TimeText({ todo }: { readonly todo: TodoState }) {
  return (
    <>
      {todo.ms !== null && todo.attempt > 1 && `try ${todo.attempt} · `}
      <TodoTime todo={todo} />
    </>
  );
}

interface Changes {
  readonly files: number;
  readonly added: number;
  readonly removed: number;
  readonly undone: boolean;
}

function useChanges(runId: string, todoId: string): Changes {
  const store = useStore();
  const select = useMemo(() => (run: RunState | undefined) => changesOf(run, todoId), [todoId]);
  return useSelected(
    useMemo(() => store.run(runId), [store, runId]),
    select,
    (a, b) => a.files === b.files && a.added === b.added && a.removed === b.removed && a.undone === b.undone,
  );
}

function changesOf(run: RunState | undefined, todoId: string): Changes {
  const checkpoints = run?.checkpoints.filter((checkpoint) => checkpoint.todoId === todoId) ?? [];
  const sum = (key: "added" | "removed"): number => checkpoints.reduce((total, checkpoint) => total + checkpoint[key], 0);
  const undone = checkpoints.every((checkpoint) => checkpoint.restored);
  return { files: checkpoints.length, added: sum("added"), removed: sum("removed"), undone };
}
