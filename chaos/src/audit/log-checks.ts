import { type EventType, type OrquestraEvent, isRunTerminal } from "@orquestra/protocol";
import type { Said } from "../world/conversation.ts";
import type { Finding } from "./finding.ts";

type EventOf<T extends EventType> = Extract<OrquestraEvent, { readonly type: T }>;

export function eventsOf<T extends EventType>(events: readonly OrquestraEvent[], type: T): readonly EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type);
}

/** Numbers from 1 without a gap, in order. */
export function checkNumbers(sessionId: string, events: readonly OrquestraEvent[]): readonly Finding[] {
  const place = events.findIndex(({ seq }, index) => seq !== index + 1);
  if (place < 0) return [];
  return [{ kind: "lost", what: `event ${place + 1} of session ${sessionId}: ${events[place]?.seq} stands in its place` }];
}

/** Every message the server said yes to is there with its words, and none is there twice. */
export function checkMessages({ id, acknowledged, refusals }: Said, events: readonly OrquestraEvent[]): readonly Finding[] {
  const received = eventsOf(events, "message-received");
  const texts = new Map(received.map(({ data }) => [data.messageId, data.text]));
  const lost = acknowledged
    .filter(({ messageId, job }) => texts.get(messageId) !== job.text)
    .map(({ messageId }): Finding => ({ kind: "lost", what: `message ${messageId} of session ${id}` }));
  const surplus = received.length - acknowledged.length;
  // What was refused while the database was away may have been written all the same, and was then sent once more.
  if (surplus <= 0 || refusals.size > 0) return lost;
  return [...lost, { kind: "doubled", what: `${surplus} messages of session ${id} that were sent once` }];
}

/** Every run has one end, and none broke down. */
export function checkRuns({ id, acknowledged, stopped }: Said, events: readonly OrquestraEvent[]): readonly Finding[] {
  return acknowledged.flatMap(({ runId, job }): readonly Finding[] => {
    const ends = events.filter((event) => event.runId === runId && isRunTerminal(endOf(event)));
    if (ends.length !== 1) return [{ kind: "wrong", what: `run ${runId} of session ${id} ended ${ends.length} times` }];
    const [end] = ends;
    if (end?.type === "run-completed" || (end?.type === "run-cancelled" && stopped.has(job.id))) return [];
    return [{ kind: "wrong", what: `run ${runId} of session ${id} (job ${job.id}): ${end?.type} ${JSON.stringify(end?.data)}` }];
  });
}

function endOf({ type }: OrquestraEvent): "completed" | "failed" | "cancelled" | "running" {
  if (type === "run-completed") return "completed";
  if (type === "run-failed") return "failed";
  return type === "run-cancelled" ? "cancelled" : "running";
}

/** What has completed is never started again, nor completed twice. */
export function checkTodos(events: readonly OrquestraEvent[]): readonly Finding[] {
  const completed = new Set<string>();
  const findings: Finding[] = [];
  for (const event of events) {
    if (event.type !== "todo-started" && event.type !== "todo-completed") continue;
    const todo = `todo ${event.data.todoId} of run ${event.runId}`;
    if (completed.has(todo)) findings.push({ kind: "doubled", what: `${todo}: ${event.type} after it had completed` });
    if (event.type === "todo-completed") completed.add(todo);
  }
  return findings;
}
