import type { Json, TodoState } from "@orquestra/protocol";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useReveal } from "../hooks/reveal.ts";
import { useTodo } from "../hooks/session.ts";
import { useCommand } from "../hooks/use-command.ts";
import { todoNumber } from "../lib/format.ts";
import { isRead, todoWord } from "../lib/status.ts";
import { Button } from "../shell/button.tsx";
import { useModal } from "../shell/use-modal.ts";
import type { TodoTarget } from "./edit-context.ts";
import { FieldView } from "./field-view.tsx";
import { type Draft, fieldsOf, isChanged, readAll } from "./fields.ts";
import { refusalOf } from "./refusal.ts";
import { useTodoActions } from "./use-todo-actions.ts";

const controls = "input, textarea, .oq-edit-reference button";

interface EditDialogProps {
  readonly target: TodoTarget;
  readonly onClose: () => void;
}

/** The arguments of a todo, to be written differently: before it starts, or to try it again. */
export function EditDialog({ target, onClose }: EditDialogProps) {
  const todo = useTodo(target.runId, target.todoId);
  const dialog = useModal();
  const reveal = useReveal();
  // By itself the browser would choose the box that scrolls.
  useEffect(() => dialog.current?.querySelector<HTMLElement>(controls)?.focus(), [dialog]);
  // Where the card it was opened from is asked anew, the focus goes to the new one.
  const closed = (): void => {
    onClose();
    afterTwoFrames(() => document.activeElement === document.body && reveal(target));
  };
  return (
    <dialog ref={dialog} className="oq oq-dialog oq-edit" aria-label="Edit a todo" onClose={closed}>
      {todo !== undefined && <EditForm target={target} todo={todo} close={() => dialog.current?.close()} />}
    </dialog>
  );
}

interface EditFormProps {
  readonly target: TodoTarget;
  readonly todo: TodoState;
  readonly close: () => void;
}

function EditForm({ target, todo, close }: EditFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [fields, setFields] = useState(() => fieldsOf(todo.args));
  const [told, setTold] = useState(false);
  const { save, way, error, pending } = useSave(target, todo);
  const { args, wrong } = readAll(fields);
  const refused = error === null ? null : refusalOf(error, Object.keys(todo.args));
  const change = (name: string, draft: Draft): void =>
    setFields((last) => last.map((field) => (field.name === name ? { ...field, draft } : field)));
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    setTold(true);
    const [first] = Object.keys(wrong);
    if (first !== undefined) return focusField(form.current, first);
    if (way === "edit" && !fields.some(isChanged)) return close();
    save(fields.some(isChanged) ? args : null, close);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || way === null) return;
    event.preventDefault();
    submit();
  };
  return (
    <form ref={form} onSubmit={submit} onKeyDown={onKeyDown} noValidate>
      <header>
        <h2>
          {todoNumber(todo.id)} · {todo.title}
        </h2>
        <p className="oq-muted">
          <code>{todo.tool}</code> · What you change counts as written by you.{!isRead(todo) && " It asks before it runs."}
        </p>
      </header>
      <div className="oq-edit-fields">
        {fields.map((field) => (
          <div key={field.name} data-field={field.name}>
            <FieldView
              field={field}
              error={(told ? wrong[field.name] : undefined) ?? (refused?.name === field.name ? refused.message : undefined)}
              onChange={(draft) => change(field.name, draft)}
            />
          </div>
        ))}
      </div>
      {refused !== null && refused.name === null && (
        <p className="oq-bad" role="alert">
          {refused.message}
        </p>
      )}
      {way === null && <p className="oq-edit-late">{lateText(todo)}</p>}
      <footer>
        <Button look="quiet" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" disabled={way === null || pending} title="Ctrl+Enter">
          {way === "retry" ? "Try again" : "Save"}
        </Button>
      </footer>
    </form>
  );
}

/** The command that fits the todo as it is now, which may have gone on since the form was opened. */
function useSave({ runId, todoId }: TodoTarget, todo: TodoState) {
  const { actions } = useTodoActions(runId, todo);
  const edit = useCommand("todo-edit");
  const retry = useCommand("todo-retry");
  const way = actions.includes("edit") ? "edit" : actions.includes("edit-retry") ? "retry" : null;
  const states = [edit.state, retry.state];
  const failed = states.find((state) => state.status === "failed");
  const save = (args: { readonly [name: string]: Json } | null, done: () => void): void => {
    const changed = args === null ? {} : { args };
    if (way === "edit" && args !== null) edit.send({ runId, todoId, args }, done);
    else retry.send({ runId, todoId, ...changed }, done);
  };
  return {
    save,
    way,
    error: failed?.status === "failed" ? failed.message : null,
    pending: states.some((state) => state.status === "pending"),
  };
}

function lateText(todo: TodoState): string {
  if (todo.status === "running") return "It has started meanwhile. Stop it first to try it again with this.";
  return `It is ${todoWord(todo.status)} meanwhile, so its arguments stay as they are.`;
}

/** By then what the server told with its reply is on the screen. */
function afterTwoFrames(act: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(act));
}

function focusField(form: HTMLFormElement | null, name: string): void {
  form?.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"] :is(${controls})`)?.focus();
}
