import { type OrquestraClient, createClient } from "@orquestra/client";
import { nodeConnect } from "@orquestra/client/node";
import type { OrquestraEvent } from "@orquestra/protocol";
import { EventEmitter, once } from "node:events";
import { z } from "zod";
import { type Ledger, canaries } from "./canaries.fixture.ts";

interface Conversation {
  readonly client: OrquestraClient;
  readonly sessionId: string;
  /** Everything that happened since. */
  readonly events: readonly OrquestraEvent[];
  /** Sends a message, answers its cards with yes, and waits for the end of its run. */
  readonly say: (text: string) => Promise<OrquestraEvent>;
}

const delta = z.object({ type: z.literal("delta"), partId: z.string(), text: z.string() });

/** A client whose frames all go to the ledger; text that comes in pieces also put together. */
export async function converse(origin: string, ledger: Ledger): Promise<Conversation> {
  const connect = nodeConnect(`${origin.replace("http", "ws")}/ws`, { token: canaries.token.value });
  const parts = new Map<string, string>();
  const take = (frame: string): void => {
    ledger.take("websocket", frame);
    const { data } = delta.safeParse(JSON.parse(frame));
    if (data !== undefined) parts.set(data.partId, (parts.get(data.partId) ?? "") + data.text);
  };
  const client = createClient({
    connect: (told) => {
      const frame = (text: string): void => {
        take(text);
        told.frame(text);
      };
      return connect({ open: () => told.open(), frame, closed: (code, reason) => told.closed(code, reason) });
    },
  });
  const { sessionId } = await client.command("session-create", {});
  const events: OrquestraEvent[] = [];
  const news = new EventEmitter();
  client.session(sessionId).events((event) => {
    events.push(event);
    news.emit("event");
  });
  const answered = new Set<string>();
  const say = async (text: string): Promise<OrquestraEvent> => {
    const { runId } = await client.command("message-send", { text }, { sessionId });
    for (;;) {
      for (const event of events) {
        if (event.type !== "approval-requested" || answered.has(event.data.approvalId)) continue;
        answered.add(event.data.approvalId);
        const answer = { approvalId: event.data.approvalId, decision: "allow_once" } as const;
        await client.command("approval-respond", answer, { sessionId });
      }
      const end = events.find((event) => event.runId === runId && /^run-(?:completed|failed|cancelled)$/.test(event.type));
      if (end !== undefined) {
        for (const whole of parts.values()) ledger.take("websocket, deltas put together", whole);
        return end;
      }
      await once(news, "event");
    }
  };
  return { client, sessionId, events, say };
}

export interface Asking {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
}

interface Way {
  readonly origin: string;
  readonly ledger: Ledger;
}

const signedIn = { authorization: `Bearer ${canaries.token.value}` };

export async function ask({ origin, ledger }: Way, path: string, { headers, ...asking }: Asking = {}): Promise<string> {
  const response = await fetch(new URL(path, origin), { ...asking, headers: { ...signedIn, ...headers } });
  const text = await response.text();
  ledger.take("http", text);
  return text;
}

/** The log of a session as a client without WebSockets reads it, until it shows a text. */
export async function readStream({ origin, ledger }: Way, sessionId: string, until: string): Promise<void> {
  const headers = { ...signedIn, "last-event-id": "0" };
  const response = await fetch(new URL(`/api/sessions/${sessionId}/events`, origin), { headers });
  if (response.body === null) throw new Error("the stream of events is empty");
  let text = "";
  const decoder = new TextDecoder();
  const body: ReadableStream<Uint8Array> = response.body;
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes(until)) break;
  }
  ledger.take("server-sent events", text);
}
