import type { ApprovalTodo } from "@orquestra/protocol";
import { useId } from "react";
import { useTodo } from "../hooks/session.ts";
import { reveal } from "../lib/invisible.ts";
import { Breakable } from "../shell/breakable.tsx";
import { TodoMenu } from "../todo/todo-menu.tsx";
import { useTodoActions } from "../todo/use-todo-actions.ts";
import { CommandShown, accessWords } from "./command-shown.tsx";
import { Details } from "./details.tsx";
import { OutsideNotes } from "./outside-notes.tsx";
import { type Sentence, sentenceOf } from "./sentence.ts";
import { undoReason } from "./undo-reason.ts";

interface TodoQuestionProps {
  readonly runId: string;
  readonly todo: ApprovalTodo;
  readonly choosing: boolean;
  readonly chosen: boolean;
  readonly onToggle: () => void;
  /** What all todos of the card were suggested after, which stands above them. */
  readonly said: string | null;
}

/** One thing that is asked for. What stands here is exactly what will run. */
export function TodoQuestion({ runId, todo, choosing, chosen, onToggle, said }: TodoQuestionProps) {
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
          <What todo={todo} pieces={pieces} />
          <OutsideNotes todo={todo} said={said} />
          <Details todo={todo} />
        </div>
      </div>
    </li>
  );
}

/** What would happen, and whether it can be taken back. A command is set apart, so that it can be read as one. */
function What({ todo, pieces }: { readonly todo: ApprovalTodo; readonly pieces: Sentence["pieces"] }) {
  const undo = <Undo todo={todo} />;
  const { command } = todo;
  if (command === undefined)
    return (
      <>
        {pieces.map((piece) => (piece.quoted ? <Quoted key={piece.text} text={piece.text} /> : reveal(piece.text)))}
        {undo}
      </>
    );
  const beside = pieces.filter((piece) => !piece.quoted).map((piece) => piece.text.trim());
  return (
    <>
      <span className={command.access === "machine" ? "oq-ask-warning" : undefined}>{accessWords[command.access]}</span>
      {beside.map((text) => ` ${reveal(text)}`)}
      {undo}
      <CommandShown command={command} />
    </>
  );
}

/** Stands at the end of a line, never at the beginning of one. */
const dot = "\u00a0· ";

/** That it can be undone is what people expect; why is told with the details. */
function Undo({ todo }: { readonly todo: ApprovalTodo }) {
  if (todo.undoable) return <span className="oq-muted">{dot}can be undone</span>;
  const why = undoReason(todo);
  return (
    <span className="oq-ask-final">
      {dot}
      <strong>cannot be undone</strong>
      {why !== null && `: ${reveal(why)}`}
    </span>
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
