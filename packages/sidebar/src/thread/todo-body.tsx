import type { Json, TodoState } from "@orquestra/protocol";
import { DiffCard } from "../diff/diff-card.tsx";
import { useRun } from "../hooks/session.ts";
import { duration } from "../lib/format.ts";
import { reveal } from "../lib/invisible.ts";
import { todoTone, todoWord } from "../lib/status.ts";
import { argumentText, mainArgument, resultText, sameHead } from "../lib/value.ts";
import { Mark } from "../shell/mark.tsx";
import { Argument } from "../shell/argument.tsx";
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
      {!changed && <Arguments args={todo.args} />}
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
  const tries = todo.attempt > 1 ? ` Tried ${todo.attempt} times.` : "";
  return (
    <p className="oq-pad oq-bad">
      {todo.error.message}
      {tries}
    </p>
  );
}

function Arguments({ args }: { readonly args: { readonly [key: string]: Json } }) {
  const entries = Object.entries(args);
  if (entries.length === 0) return null;
  return (
    <dl className="oq-args">
      {entries.map(([key, value]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>{reveal(argumentText(value))}</dd>
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
        <ChildLine key={child.id} todo={child} skip={skip} />
      ))}
    </ul>
  );
}

function ChildLine({ todo, skip }: { readonly todo: TodoState; readonly skip: number }) {
  return (
    <li>
      <Mark tone={todoTone(todo.status)} label={todoWord(todo.status)} />
      <Argument text={mainArgument(todo.args)} skip={skip} />
      <span className="oq-time">{todo.ms === null ? "" : duration(todo.ms)}</span>
      {todo.error !== null && <p>{todo.error.message}</p>}
    </li>
  );
}
