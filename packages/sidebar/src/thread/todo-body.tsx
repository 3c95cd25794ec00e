import type { TodoState } from "@orquestra/protocol";
import { DiffCard } from "../diff/diff-card.tsx";
import { useRun } from "../hooks/session.ts";
import { ordinal } from "../lib/format.ts";
import { reveal } from "../lib/invisible.ts";
import { isTriedAgain, toneOf, wordOf } from "../lib/status.ts";
import { argumentText, mainArgument, resultText, sameHead } from "../lib/value.ts";
import { Mark } from "../shell/mark.tsx";
import { Argument } from "../shell/argument.tsx";
import { TodoMenu } from "../todo/todo-menu.tsx";
import { TodoTime } from "../todo/todo-time.tsx";
import { useTodoActions } from "../todo/use-todo-actions.ts";
import { Output } from "./output.tsx";
import { Progress } from "./progress.tsx";
import { TodoActions } from "./todo-actions.tsx";

interface TodoBodyProps {
  readonly runId: string;
  readonly todo: TodoState;
  /** It changed files: the diff says more than arguments and result. */
  readonly changed: boolean;
}

export function TodoBody({ runId, todo, changed }: TodoBodyProps) {
  return (
    <div className="oq-card-body">
      {todo.error !== null && <Failed todo={todo} />}
      {todo.note !== null && <p className="oq-pad oq-muted">{todo.note}</p>}
      {(!changed || todo.status === "unknown") && <Arguments todo={todo} />}
      {todo.status === "running" && <Progress runId={runId} todoId={todo.id} />}
      {changed && <DiffCard runId={runId} todoId={todo.id} />}
      {!changed && todo.preview !== null && <Output text={resultText(todo.preview)} outputRef={todo.outputRef} />}
      <ChildLines runId={runId} parent={todo.id} />
      <TodoActions runId={runId} todo={todo} />
    </div>
  );
}

function Failed({ todo }: { readonly todo: TodoState }) {
  if (todo.error === null) return null;
  if (isTriedAgain(todo)) {
    return (
      <p className="oq-pad">
        <span className="oq-bad">{todo.error.message}</span> <span className="oq-muted">{nextTry(todo.attempt)}</span>
      </p>
    );
  }
  const tries = todo.attempt > 1 ? ` Tried ${todo.attempt} times.` : "";
  return (
    <p className="oq-pad oq-bad">
      {todo.error.message}
      {tries}
    </p>
  );
}

function nextTry(attempt: number): string {
  return `The ${ordinal(attempt + 1)} try comes by itself.`;
}

/** Resolved, where that is known. */
function Arguments({ todo: { args, facts, edited = [] } }: { readonly todo: TodoState }) {
  const entries = Object.entries(facts?.arguments ?? args);
  if (entries.length === 0) return null;
  return (
    <dl className="oq-args">
      {entries.map(([key, value]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>
            {reveal(argumentText(value))}
            {edited.includes(key) && <span className="oq-source">written by you</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The elements of a fan-out, a line each. */
function ChildLines({ runId, parent }: { readonly runId: string; readonly parent: string }) {
  const children = useRun(runId)?.todos.filter((todo) => todo.parent === parent) ?? [];
  if (children.length === 0) return null;
  const skip = sameHead(children.map((child) => mainArgument(child.args)));
  return (
    <ul className="oq-children">
      {children.map((child) => (
        <ChildLine key={child.id} runId={runId} todo={child} skip={skip} />
      ))}
    </ul>
  );
}

interface ChildLineProps {
  readonly runId: string;
  readonly todo: TodoState;
  readonly skip: number;
}

function ChildLine({ runId, todo, skip }: ChildLineProps) {
  const doing = useTodoActions(runId, todo);
  return (
    <li className="oq-todo-line">
      <Mark tone={toneOf(todo)} label={wordOf(todo)} />
      <Argument text={mainArgument(todo.args)} skip={skip} />
      <span className="oq-time">
        <TodoTime todo={todo} />
      </span>
      <TodoMenu todo={todo} doing={doing} />
      {todo.error !== null && <p>{todo.error.message}</p>}
      {doing.error !== null && <p role="alert">{doing.error}</p>}
    </li>
  );
}
