import type { OrquestraEvent } from "@orquestra/protocol";

/** What happened in a session, a line each: milliseconds since the first event, how many todos are running, what it was. */
export function timeline(events: readonly OrquestraEvent[]): string {
  const start = Date.parse(events[0]?.at ?? "");
  let running = 0;
  const lines = events.map((event) => {
    if (event.type === "todo-started") running += 1;
    if (event.type === "todo-completed" || event.type === "todo-failed") running -= 1;
    const at = String(Date.parse(event.at) - start).padStart(6);
    return `${at} ms  ${"▮".repeat(running).padEnd(5)}  ${event.type.padEnd(18)} ${detailOf(event)}`.trimEnd();
  });
  return lines.join("\n");
}

/** The most todos that ran at the same time. */
export function mostAtOnce(events: readonly OrquestraEvent[]): number {
  let running = 0;
  let most = 0;
  for (const { type } of events) {
    if (type === "todo-started") running += 1;
    if (type === "todo-completed" || type === "todo-failed") running -= 1;
    most = Math.max(most, running);
  }
  return most;
}

function detailOf(event: OrquestraEvent): string {
  if (event.type === "message-received") return event.data.text;
  if (event.type === "run-started") return event.data.model;
  if (event.type === "todo-added") return `${event.data.todo.id} ${event.data.todo.tool}: ${event.data.todo.title}`;
  if (event.type === "todo-completed") return `${event.data.todoId} in ${event.data.ms} ms`;
  if (event.type === "part-closed") return firstLine(event.data.text);
  return "todoId" in event.data && typeof event.data.todoId === "string" ? event.data.todoId : "";
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
