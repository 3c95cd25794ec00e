import { defined } from "./defined.ts";
import type { EventType } from "./event.ts";
import { type EventOf, type EventTable, isIn, lookUp } from "./event-table.ts";
import type { RunState, TodoState } from "./state.ts";
import type { Todo } from "./todo.ts";
import { type TodoStatus, isTodoTerminal } from "./words.ts";

type TodoEventType = Extract<EventType, `todo-${string}`>;
type Birth = "todo-added" | "todo-invalid";

const fresh = {
  attempt: 0,
  startedAt: null,
  endedAt: null,
  ms: null,
  preview: null,
  outputRef: null,
  error: null,
  note: null,
  line: null,
  silentSeconds: null,
  retryAt: null,
} as const;

/** What is left of a result when a todo runs again. */
const undone = {
  endedAt: null,
  ms: null,
  preview: null,
  outputRef: null,
  error: null,
  note: null,
  silentSeconds: null,
  retryAt: null,
  facts: undefined,
} as const;

/** How each event changes the todo it names. */
const patches: EventTable<Exclude<TodoEventType, Birth>, TodoState, Partial<TodoState>> = {
  "todo-updated": (todo, { data: { todoId: _todoId, stopping: _stopping, ...fields } }) => ({
    ...(reopens(todo.status, fields.status) ? undone : {}),
    ...defined(fields),
  }),
  "todo-started": (_, { at, data }) => ({
    ...undone,
    status: "running",
    attempt: data.attempt,
    startedAt: at,
    late: undefined,
  }),
  "todo-silent": (_, { data: { seconds } }) => ({ silentSeconds: seconds === 0 ? null : seconds }),
  "todo-retried": (_, { at, data: { attempt, error, delayMs } }) => ({
    status: "pending",
    attempt,
    error,
    silentSeconds: null,
    retryAt: new Date(Date.parse(at) + delayMs).toISOString(),
  }),
  "todo-completed": (_, { at, data: { preview, ms, outputRef = null } }) => ({
    ...undone,
    status: "completed",
    endedAt: at,
    preview,
    ms,
    outputRef,
  }),
  "todo-failed": (_, { at, data }) => ({ ...undone, status: "failed", endedAt: at, error: data.error, ms: data.ms ?? null }),
  "todo-skipped": (_, { at, data }) => ({ ...undone, status: "skipped", endedAt: at, note: data.reason }),
  "todo-cancelled": (_, { at, data }) => ({ ...undone, status: "cancelled", endedAt: at, note: data.reason ?? null }),
  "todo-unknown": (_, { data: { todoId: _todoId, known, ...facts } }) => ({
    ...undone,
    status: "unknown",
    note: known,
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
  }),
  "todo-result-late": (todo, { data: { todoId: _todoId, ...late } }) => (todo.late?.attempt === late.attempt ? {} : { late }),
};

export function reduceTodo(run: RunState, event: EventOf<TodoEventType>): RunState {
  if (isIn(patches, event)) {
    const todo = run.todos.find((candidate) => candidate.id === event.data.todoId);
    return todo === undefined ? run : put(run, { ...todo, ...lookUp(patches, event)(todo, event) });
  }
  if (event.type === "todo-added") return put(run, { ...event.data.todo, ...fresh });
  const { todoId, line, error, turn } = event.data;
  return put(run, { ...blank(todoId, turn), ...fresh, title: line, line, error });
}

/** Replaces the todo of that id where it stands: a line of a repair turn takes the place of the one that did not parse. */
function put(run: RunState, todo: TodoState): RunState {
  const index = run.todos.findIndex((candidate) => candidate.id === todo.id);
  return { ...run, todos: index < 0 ? [...run.todos, todo] : run.todos.with(index, todo) };
}

/** A line that did not parse waits for its repair; `todo-failed` ends it when there is none. */
function blank(id: string, turn: number): Todo {
  const control = { integrity: "user", confidentiality: "public" } as const;
  return { id, turn, tool: "", title: "", args: {}, dependsOn: [], effects: [], control, status: "pending" };
}

function reopens(before: TodoStatus, after: TodoStatus | undefined): boolean {
  return after !== undefined && !isTodoTerminal(after) && (isTodoTerminal(before) || before === "unknown");
}
