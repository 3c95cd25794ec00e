import { type OrquestraEvent, parseEvent } from "@orquestra/protocol";
import { z } from "zod";

interface LogAddress {
  readonly origin: string;
  readonly token: string;
  readonly sessionId: string;
}

const patienceMs = 30_000;
const typed = z.looseObject({ type: z.string(), seq: z.number().optional() });

/** Every event of a session from its first on, read as a client without WebSockets does, until one is the last that is wanted. */
export async function eventsUntil(
  { origin, token, sessionId }: LogAddress,
  isLast: (event: OrquestraEvent, all: readonly OrquestraEvent[]) => boolean,
): Promise<readonly OrquestraEvent[]> {
  const response = await fetch(new URL(`/api/sessions/${sessionId}/events`, origin), {
    headers: { authorization: `Bearer ${token}`, "last-event-id": "0" },
    signal: AbortSignal.timeout(patienceMs),
  });
  if (response.body === null || !response.ok) throw new Error(`the events were answered with ${response.status}`);
  const events: OrquestraEvent[] = [];
  for await (const frame of dataLines(response.body)) {
    if (typed.parse(frame).seq === undefined) continue;
    const event = parseEvent(frame);
    events.push(event);
    if (isLast(event, events)) return events;
  }
  throw new Error(`the stream ended after ${events.map(({ type }) => type).join(" ")}`);
}

async function* dataLines(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data: ")) yield JSON.parse(line.slice("data: ".length));
  }
}

/** Where in the log something happened to a todo. Throws when it did not. */
export function seqOf(events: readonly OrquestraEvent[], type: OrquestraEvent["type"], todoId: string): number {
  const found = events.find((event) => event.type === type && todoOf(event) === todoId);
  if (found === undefined) throw new Error(`there is no ${type} of ${todoId} in ${events.map((event) => event.type).join(" ")}`);
  return found.seq;
}

function todoOf(event: OrquestraEvent): string | null {
  if (event.type === "todo-added") return event.data.todo.id;
  return "todoId" in event.data && typeof event.data.todoId === "string" ? event.data.todoId : null;
}
