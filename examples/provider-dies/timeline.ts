import type { OrquestraEvent } from "@orquestra/protocol";

/** An event as a line: its number in the session's log, the milliseconds since `start`, its type, and what it tells. */
export function lineOf(event: OrquestraEvent, start: number): string {
  const offset = `+${Date.parse(event.at) - start} ms`;
  return [String(event.seq).padStart(3), offset.padStart(9), event.type.padEnd(18), wordsOf(event)].join("  ").trimEnd();
}

function wordsOf(event: OrquestraEvent): string {
  switch (event.type) {
    case "message-received":
    case "message-completed":
    case "notice":
      return event.data.text;
    case "run-started":
      return event.data.model;
    case "turn-started":
    case "turn-completed":
      return `turn ${event.data.turn}`;
    case "todo-added":
      return `${event.data.todo.id} ${event.data.todo.tool} ${JSON.stringify(event.data.todo.args)}`;
    case "todo-invalid":
      return `${event.data.todoId} ${event.data.line}`;
    case "todo-failed":
      return `${event.data.todoId} ${event.data.error.message}`;
    case "todo-completed":
      return `${event.data.todoId} ${JSON.stringify(event.data.preview)}`;
    case "todo-started":
      return event.data.todoId;
    case "todo-updated":
      return `${event.data.todoId} ${event.data.status ?? ""}`;
    case "approval-requested":
      return event.data.todos.map(({ todoId, summary }) => `${todoId} ${summary}`).join(", ");
    case "approval-resolved":
      return event.data.decision;
    case "run-completed":
      return event.data.stopReason;
    default:
      return "";
  }
}
