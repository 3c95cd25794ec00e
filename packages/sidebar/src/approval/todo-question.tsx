import type { ApprovalTodo } from "@orquestra/protocol";
import { useId } from "react";
import { useTodo } from "../hooks/session.ts";
import { todoNumber } from "../lib/format.ts";
import { reveal } from "../lib/invisible.ts";
import { argumentText } from "../lib/value.ts";
import { Breakable } from "../shell/breakable.tsx";
import { Icon } from "../shell/icon.tsx";
import { TodoMenu } from "../todo/todo-menu.tsx";
import { useTodoActions } from "../todo/use-todo-actions.ts";
import { outsideNotes, sentenceOf, sourceText } from "./sentence.ts";

interface TodoQuestionProps {
  readonly runId: string;
  readonly todo: ApprovalTodo;
  readonly choosing: boolean;
  readonly chosen: boolean;
  readonly onToggle: () => void;
}

/** One thing that is asked for. What stands here is exactly what will run. */
export function TodoQuestion({ runId, todo, choosing, chosen, onToggle }: TodoQuestionProps) {
  const id = useId();
  const { verb, pieces } = sentenceOf(todo);
  return (
    <li className="oq-ask-todo" data-todo={`${runId}:${todo.todoId}`} tabIndex={-1}>
      <div className="oq-ask-line" data-choosing={choosing}>
        {choosing ? (
          <label className="oq-ask-verb">
            <input type="checkbox" checked={chosen} onChange={onToggle} aria-describedby={id} /> {verb}
          </label>
        ) : (
          <span className="oq-ask-verb">{verb}</span>
        )}
        <div id={id}>
          {!choosing && <Actions runId={runId} todoId={todo.todoId} />}
          {pieces.map((piece) => (piece.quoted ? <Quoted key={piece.text} text={piece.text} /> : reveal(piece.text)))}
          <span className={todo.undoable ? "oq-muted" : "oq-ask-final"}>
            {" "}
            · {todo.undoable ? "can be undone" : "cannot be undone"}
          </span>
          {outsideNotes(todo).map((note) => (
            <span key={note} className="oq-ask-outside">
              {note}
            </span>
          ))}
          <Details todo={todo} />
        </div>
      </div>
    </li>
  );
}

function Actions({ runId, todoId }: { readonly runId: string; readonly todoId: string }) {
  const todo = useTodo(runId, todoId);
  const doing = useTodoActions(runId, todo);
  if (todo === undefined) return null;
  return (
    <>
      <TodoMenu todo={todo} doing={doing} />
      {doing.error !== null && (
        <p className="oq-bad" role="alert">
          {doing.error}
        </p>
      )}
    </>
  );
}

function Quoted({ text }: { readonly text: string }) {
  return (
    <code>
      <Breakable text={reveal(text)} />
    </code>
  );
}

function Details({ todo }: { readonly todo: ApprovalTodo }) {
  const [source, ...otherSources] = new Set(todo.provenance.map((entry) => entry.source));
  const oneSource = todo.provenance.length > 1 && otherSources.length === 0;
  return (
    <details className="oq-ask-more">
      <summary>
        <Icon name="chevron" /> exactly what, and why I ask
      </summary>
      <p className="oq-small oq-muted">
        Todo {todoNumber(todo.todoId)}. {todo.reasons.join(" ")}
        {oneSource && source !== undefined && ` All of it was ${sourceText(source)}.`}
      </p>
      <dl className="oq-args">
        {Object.entries(todo.arguments).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Breakable text={reveal(argumentText(value))} />
              {!oneSource && <Source todo={todo} name={name} />}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Source({ todo, name }: { readonly todo: ApprovalTodo; readonly name: string }) {
  return todo.provenance
    .filter((entry) => entry.argument === `/${name}` || entry.argument.startsWith(`/${name}/`))
    .map((entry) => (
      <span key={entry.argument} className={entry.integrity === "outside" ? "oq-source oq-outside" : "oq-source"}>
        {sourceText(entry.source)}
      </span>
    ));
}
