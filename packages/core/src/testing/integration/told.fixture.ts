import type { OrquestraEvent } from "@orquestra/protocol";
import type { WatchedSession } from "../engine-harness.ts";

/** What a person is told of what went wrong in a session, line by line, as the sidebar would show it. */
export function told({ events }: Pick<WatchedSession, "events">): readonly string[] {
  return events.flatMap((event) => lineOf(event) ?? []);
}

function lineOf(event: OrquestraEvent): string | null {
  switch (event.type) {
    case "todo-invalid":
      return `${event.data.todoId} cannot be read: ${event.data.error.message}`;
    case "todo-failed":
      return `${event.data.todoId} failed: ${event.data.error.message}`;
    case "todo-skipped":
      return `${event.data.todoId} skipped: ${event.data.reason}`;
    case "todo-cancelled":
      return `${event.data.todoId} cancelled: ${event.data.reason ?? ""}`;
    case "todo-completed":
      return `${event.data.todoId} completed`;
    case "notice":
      return `notice: ${event.data.text}`;
    case "run-failed":
      return `run failed: ${event.data.error.message}`;
    case "run-completed":
      return event.data.stopReason === "end_turn" ? null : `run ended: ${event.data.stopReason}`;
    default:
      return null;
  }
}
