import { type Delta, type OrquestraEvent, type SessionState, findActivePart, findRun } from "@orquestra/protocol";

/** Names of what can be watched by itself. */
export const keys = {
  state: "state",
  messageIds: "messageIds",
  message: (messageId: string) => `message ${messageId}`,
  run: (runId: string) => `run ${runId}`,
  todo: (runId: string, todoId: string) => `todo ${runId} ${todoId}`,
  part: (partId: string) => `part ${partId}`,
  progress: (runId: string, todoId: string) => `progress ${runId} ${todoId}`,
};

const endings: ReadonlySet<string> = new Set(["todo-completed", "todo-failed", "todo-skipped", "todo-cancelled", "todo-unknown"]);

/** A todo that ended reports no more progress. */
export function endedTodo(event: OrquestraEvent): string | null {
  return endings.has(event.type) && "todoId" in event.data ? event.data.todoId : null;
}

/** What frames may have changed since the last flush. Costs what the frames name, not what the session holds. */
export class Touched {
  readonly keys = new Set<string>();
  readonly messageIds = new Set<string>();
  /** Run by part, for parts that were opened. */
  readonly parts = new Map<string, string>();

  delta(delta: Delta, state: SessionState): void {
    const run = findActivePart(state, delta.partId)?.run;
    this.keys.add(keys.part(delta.partId));
    if (run !== undefined) this.keys.add(keys.run(run.runId));
  }

  /** `state` is the one the event led to. */
  event(event: OrquestraEvent, state: SessionState): void {
    const { data, runId } = event;
    if ("messageId" in data) this.#message(data.messageId);
    if ("partId" in data) this.keys.add(keys.part(data.partId));
    if (runId === undefined) return;
    this.keys.add(keys.run(runId));
    if ("todoId" in data) this.keys.add(keys.todo(runId, data.todoId));
    if ("todo" in data) this.keys.add(keys.todo(runId, data.todo.id));
    if (event.type === "part-opened") this.parts.set(event.data.partId, runId);
    if (event.type === "part-closed") this.#closed(event.data.partId, findRun(state, runId)?.parts);
  }

  #message(messageId: string): void {
    this.messageIds.add(messageId);
    this.keys.add(keys.message(messageId));
  }

  /** A part that closes fills the message it belongs to. */
  #closed(partId: string, parts: SessionState["activeRuns"][string]["parts"] = []): void {
    const part = parts.findLast((candidate) => candidate.partId === partId);
    if (part !== undefined) this.#message(part.messageId);
  }
}
