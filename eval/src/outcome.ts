import type { Json, OrquestraEvent, TodoStatus } from "@orquestra/protocol";

export type Files = ReadonlyMap<string, string>;

export interface OutcomeTodo {
  readonly tool: string;
  readonly args: { readonly [name: string]: Json };
  readonly status: TodoStatus;
}

/** What is left when a run has ended: all that checks may look at. */
export interface Outcome {
  /** The text of the last turn. */
  readonly answer: string;
  readonly before: Files;
  readonly after: Files;
  readonly todos: readonly OutcomeTodo[];
  readonly turns: number;
  /** What was sent into the made-up web: address and text. */
  readonly sent: readonly string[];
  readonly end: string;
}

type Ending = OrquestraEvent & { readonly type: "run-completed" | "run-failed" | "run-cancelled" };

export function isEnding(event: OrquestraEvent): event is Ending {
  return event.type === "run-completed" || event.type === "run-failed" || event.type === "run-cancelled";
}

/** The events of each run, in their order. */
export function runsOf(events: readonly OrquestraEvent[]): readonly (readonly OrquestraEvent[])[] {
  const runs = new Map<string, OrquestraEvent[]>();
  for (const event of events) {
    const { runId } = event;
    if (runId !== undefined) runs.set(runId, [...(runs.get(runId) ?? []), event]);
  }
  return [...runs.values()];
}

/** `end_turn` when all went well, otherwise what ended the run. */
export function endOf(events: readonly OrquestraEvent[]): string {
  const ending = events.find(isEnding);
  if (ending?.type === "run-completed") return ending.data.stopReason;
  return ending?.type === "run-failed" ? ending.data.error.message : "It was stopped.";
}

export function turnsOf(events: readonly OrquestraEvent[]): number {
  return events.filter(({ type }) => type === "turn-completed").length;
}

/** What the last turn said to the person. */
export function answerOf(events: readonly OrquestraEvent[]): string {
  const turn = events.filter(({ type }) => type === "turn-started").length;
  const parts = events.flatMap((event) =>
    event.type === "part-opened" && event.data.kind === "text" && event.data.turn === turn ? [event.data.partId] : [],
  );
  const texts = events.flatMap((event) =>
    event.type === "part-closed" && parts.includes(event.data.partId) ? [event.data.text] : [],
  );
  return texts.join("");
}

const statuses: { readonly [type: string]: TodoStatus } = {
  "todo-completed": "completed",
  "todo-failed": "failed",
  "todo-skipped": "skipped",
  "todo-cancelled": "cancelled",
};

export function todosOf(events: readonly OrquestraEvent[]): readonly OutcomeTodo[] {
  const todos = new Map<string, OutcomeTodo>();
  for (const event of events) {
    if (event.type === "todo-added") todos.set(event.data.todo.id, event.data.todo);
    const status = statuses[event.type];
    const todo = status !== undefined && "todoId" in event.data ? todos.get(event.data.todoId) : undefined;
    if (status !== undefined && todo !== undefined && "todoId" in event.data) todos.set(event.data.todoId, { ...todo, status });
  }
  return [...todos.values()];
}
