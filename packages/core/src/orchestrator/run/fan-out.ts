import { type Json, type Label, joinAll } from "@orquestra/protocol";
import { expandFanOut } from "../plan-language/index.ts";
import type { Change } from "../../persistence/index.ts";
import { failTodo } from "./end-todo.ts";
import { previewOf } from "./preview.ts";
import type { Run } from "./run.ts";
import { type LiveTodo, liveTodo, titleOf } from "./todo-list.ts";

/** Makes one child per element of the `[*]` argument. The parent runs until its children have ended; its result is their list. */
export function expand(run: Run, parent: LiveTodo): void {
  const { record, tool, fanOut } = parent;
  if (tool === null || fanOut === null) return;
  const expansion = expandFanOut(record.args, fanOut, (id) => run.resultOf(id));
  if (expansion.status === "missing") {
    return failTodo(run, parent, { code: "reference_missing", message: expansion.message });
  }
  const children = expansion.elements.map((args, index) => child(parent, `${record.id}.${index + 1}`, args));
  for (const todo of children) run.todos.add(todo);
  parent.children = children.map((todo) => todo.record.id);
  const note = expansion.rest > 0 ? `${expansion.rest} more were left out: one todo makes at most ${children.length}.` : null;
  const started = run.patchTodo(parent, { status: "running", attempt: 1, startedAt: run.now(), note });
  const events = children.map((todo) => run.event("todo-added", { todo: wireTodo(todo) }));
  const changes: Change[] = children.map((todo) => ({ put: "todos", record: todo.record }));
  const notices = note === null ? [] : [run.event("notice", { text: `${record.title}: ${note}` })];
  run.post([run.event("todo-started", { todoId: record.id, attempt: 1 }), ...events, ...notices], [started, ...changes]);
}

/** Ends a parent whose children have all ended. A child that did not complete stands in the list as its error. */
export function gather(run: Run, parent: LiveTodo): void {
  const children = (parent.children ?? []).flatMap((id) => run.todos.get(id) ?? []);
  const todoId = parent.record.id;
  const completed = children.filter(({ record }) => record.status === "completed");
  const endedAt = run.now();
  const first = children[0]?.record;
  run.patchTodo(parent, { label: labelOf(run, parent, children) });
  if (children.length > 0 && completed.length === 0) {
    const message = `None of its ${children.length} todos completed${first?.error ? `: ${first.error.message}` : "."}`;
    return failTodo(run, parent, { code: "children_failed", message });
  }
  const result: Json = children.map(({ record }) =>
    record.status === "completed" ? record.result : { error: reasonOf(record) },
  );
  const change = run.patchTodo(parent, { status: "completed", result, endedAt });
  const { preview, whole } = previewOf(result);
  const ms = Date.parse(endedAt) - Date.parse(parent.record.startedAt ?? endedAt);
  const ref = whole ? {} : { outputRef: `${run.id}/${todoId}` };
  run.post([run.event("todo-completed", { todoId, preview, ms, ...ref })], [change]);
}

/** The join of what each child says. One that never ran says no more than its arguments could tell. */
function labelOf(run: Run, { record, needs }: LiveTodo, children: readonly LiveTodo[]): Label {
  const given = joinAll([record.control, ...needs.flatMap((id) => run.todos.get(id)?.record.label ?? [])]);
  return joinAll(children.map(({ record: { label } }) => label ?? given));
}

function child(parent: LiveTodo, id: string, args: { readonly [key: string]: Json }): LiveTodo {
  const { record, tool } = parent;
  const title = tool === null ? record.title : titleOf(tool, args);
  const own = { id, args, title, parent: record.id, dependsOn: [], attempt: 0, startedAt: null };
  return liveTodo({ record: { ...record, ...own }, tool, edited: parent.edited });
}

function reasonOf(record: LiveTodo["record"]): string {
  return record.error?.message ?? record.note ?? record.status;
}

export function wireTodo(todo: LiveTodo) {
  const { id, tool, title, args, dependsOn, effects, control, status, turn, parent } = todo.record;
  const edited = todo.edited.length > 0 ? { edited: [...todo.edited] } : {};
  return {
    id,
    tool,
    title,
    args,
    dependsOn: [...dependsOn],
    effects: [...effects],
    control,
    status,
    turn,
    ...(parent === null ? {} : { parent }),
    ...edited,
  };
}
