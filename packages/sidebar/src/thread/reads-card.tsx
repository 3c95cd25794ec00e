import type { RunState, TodoState } from "@orquestra/protocol";
import { memo } from "react";
import { useRun } from "../hooks/session.ts";
import { sameItems } from "../hooks/use-readable.ts";
import { duration, timeOf } from "../lib/format.ts";
import { type Tone, isFromOutside, silentSeconds } from "../lib/status.ts";
import { totalOf, union } from "../lib/timeline.ts";
import { hasReference, mainArgument } from "../lib/value.ts";
import { span } from "../lib/worked.ts";
import { Mark } from "../shell/mark.tsx";
import { TodoTime } from "../todo/todo-time.tsx";
import { TodoCard } from "./todo-card.tsx";

interface ReadsProps {
  readonly runId: string;
  readonly todoIds: readonly string[];
}

/** Reads side by side as one line; opened, one card each. */
export const ReadsCard = memo(
  function ReadsCard({ runId, todoIds }: ReadsProps) {
    const run = useRun(runId);
    if (run === undefined) return null;
    const todos = run.todos.filter((todo) => todoIds.includes(todo.id));
    return (
      <details className="oq-card oq-reads" data-todo={todoIds.map((id) => `${runId}:${id}`).join(" ")}>
        <summary className="oq-card-head">
          <Mark tone={toneOf(todos)} />
          <strong>{todos.length} reads</strong>
          <code className="oq-clip">{todos.map(shortName).join(" · ")}</code>
          <span className="oq-time">
            <ReadsTime run={run} todos={todos} />
          </span>
        </summary>
        <div className="oq-reads-list">
          {todoIds.map((todoId) => (
            <TodoCard key={todoId} runId={runId} todoId={todoId} />
          ))}
        </div>
      </details>
    );
  },
  (before, after) => before.runId === after.runId && sameItems(before.todoIds, after.todoIds),
);

function toneOf(todos: readonly TodoState[]): Tone {
  if (todos.some((todo) => silentSeconds(todo) !== null)) return "wait";
  if (todos.some((todo) => todo.status === "running")) return "run";
  if (todos.every((todo) => todo.status === "completed")) return "ok";
  if (todos.some((todo) => todo.status === "pending")) return "idle";
  return todos.some(isFromOutside) ? "out" : "off";
}

function shortName(todo: TodoState): string {
  const argument = mainArgument(todo.args);
  if (hasReference(argument)) return todo.title;
  return argument.split(/[/\\]/).at(-1) || todo.tool;
}

function ReadsTime({ run, todos }: { readonly run: RunState; readonly todos: readonly TodoState[] }) {
  const silent = todos.find((todo) => silentSeconds(todo) !== null);
  if (silent !== undefined) return <TodoTime todo={silent} />;
  const done = todos.filter((todo) => todo.status === "completed");
  if (done.length < todos.length) return run.status === "running" ? `${done.length}/${todos.length}` : "";
  const spans = done.map((todo) => span(todo.startedAt, timeOf(todo.endedAt))).filter((entry) => entry !== null);
  return duration(totalOf(union(spans)));
}
