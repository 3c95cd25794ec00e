import { type OrquestraEvent, type Todo, type TodoStatus, isTodoTerminal } from "@orquestra/protocol";
import type { TodoRecord } from "../../persistence/index.ts";

/** A start of a todo's tool: its arguments as they were then, references unresolved. */
export interface Start {
  readonly args: TodoRecord["args"];
  readonly seq: number;
}

/** What the log says of a todo and its row does not. */
export interface TodoPast {
  args: TodoRecord["args"];
  /** Others it refers to or was told to come after; beside that, `dependsOn` has what only comes first. */
  needs: readonly string[];
  /** Arguments whose value a person wrote. */
  edited: readonly string[];
  status: TodoStatus;
  /** Where it got that status. */
  since: number;
  attempt: number;
  /** Attempts before a person let it run again. */
  attemptsBefore: number;
  /** Starts that count: those that came to nothing, or are made once more by themselves, do not. */
  starts: readonly Start[];
  /** Of them those whose end nobody saw, and that a person wants made once more. */
  readonly unseen: Set<number>;
  /** Files its last attempt kept for undoing, as it did before it changed one. */
  kept: ReadonlySet<string>;
  /** A person told it to stop while it ran. */
  stopping: boolean;
}

const endings = {
  "todo-completed": "completed",
  "todo-failed": "failed",
  "todo-skipped": "skipped",
  "todo-cancelled": "cancelled",
  "todo-unknown": "unknown",
} as const;

type Ending = keyof typeof endings;
type Telling = "todo-added" | "todo-updated" | "todo-started" | "todo-retried" | "checkpoint-created" | "checkpoint-dropped";
type TodoEvent = Extract<OrquestraEvent, { readonly type: Telling | Ending }>;

const telling: ReadonlySet<string> = new Set<Telling | Ending>([
  "todo-added",
  "todo-updated",
  "todo-started",
  "todo-retried",
  "checkpoint-created",
  "checkpoint-dropped",
  "todo-completed",
  "todo-failed",
  "todo-skipped",
  "todo-cancelled",
  "todo-unknown",
]);

export function isTodoEvent(event: OrquestraEvent): event is TodoEvent {
  return telling.has(event.type);
}

/** Takes the events of a run's todos in order. */
export class TodoPasts {
  readonly #todos = new Map<string, TodoPast>();

  get(todoId: string): TodoPast | undefined {
    return this.#todos.get(todoId);
  }

  [Symbol.iterator](): IterableIterator<[string, TodoPast]> {
    return this.#todos.entries();
  }

  add(event: TodoEvent): void {
    if (event.type === "todo-added") return this.#begin(event.data.todo, event.seq);
    const todo = this.#todos.get(event.data.todoId);
    if (todo !== undefined) apply(todo, event);
  }

  #begin({ id, args, dependsOn, status, edited = [] }: Todo, since: number): void {
    const nothing = {
      attempt: 0,
      attemptsBefore: 0,
      starts: [],
      unseen: new Set<number>(),
      kept: new Set<string>(),
      stopping: false,
    };
    this.#todos.set(id, { args, needs: dependsOn, edited, status, since, ...nothing });
  }
}

function apply(todo: TodoPast, event: Exclude<TodoEvent, { readonly type: "todo-added" }>): void {
  const { status } = todo;
  learn(todo, event);
  if (todo.status !== status) todo.since = event.seq;
}

function learn(todo: TodoPast, event: Exclude<TodoEvent, { readonly type: "todo-added" }>): void {
  switch (event.type) {
    case "todo-started":
      todo.attempt = event.data.attempt;
      todo.starts = [...todo.starts, { args: todo.args, seq: event.seq }];
      todo.kept = new Set();
      todo.stopping = false;
      todo.status = "running";
      return;
    case "todo-updated":
      return update(todo, event);
    case "todo-retried":
      return takeBackStart(todo);
    case "checkpoint-created":
      todo.kept = new Set([...todo.kept, event.data.path]);
      return;
    case "checkpoint-dropped":
      todo.kept = new Set([...todo.kept].filter((path) => path !== event.data.path));
      return;
    case "todo-completed":
    case "todo-failed":
    case "todo-skipped":
    case "todo-cancelled":
    case "todo-unknown":
      todo.status = endings[event.type];
  }
}

function update(todo: TodoPast, { data }: Extract<TodoEvent, { readonly type: "todo-updated" }>): void {
  const { args, dependsOn, edited, status, stopping } = data;
  if (args !== undefined) {
    todo.args = args;
    todo.needs = dependsOn ?? todo.needs;
    todo.edited = edited ?? todo.edited;
  }
  if (stopping === true) todo.stopping = true;
  if (status === undefined) return;
  if (isTodoTerminal(todo.status)) todo.attemptsBefore = todo.attempt;
  if (todo.status === "running" && status === "pending") takeBackStart(todo);
  const last = todo.starts.at(-1);
  if (todo.status === "unknown" && status === "pending" && last !== undefined) todo.unseen.add(last.seq);
  todo.status = status;
}

function takeBackStart(todo: TodoPast): void {
  todo.starts = todo.starts.slice(0, -1);
  todo.status = "pending";
}
