import { type OrquestraClient, createClient, tokenConnect, webSocketConnect } from "@orquestra/client";
import type { OrquestraEvent } from "@orquestra/protocol";
import { WebSocket } from "ws";
import { z } from "zod";

const mintedSchema = z.object({ token: z.string(), expiresAt: z.string(), sessionId: z.string() });

/** A page of the shop in the browser of somebody who is signed in. */
export interface Page {
  readonly client: OrquestraClient;
  readonly sessionId: string;
  /** Sends a message and resolves with all events of its run. */
  say(text: string): Promise<readonly OrquestraEvent[]>;
}

export async function openPage({
  url,
  name,
  origin,
}: {
  readonly url: string;
  readonly name: string;
  readonly origin: string;
}): Promise<Page> {
  const signedIn = await post(`${url}/sign-in`, JSON.stringify({ name }));
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
  const mint = async () => mintedSchema.parse(await (await post(`${url}/assistant/token`, "{}", cookie)).json());
  const { sessionId } = await mint();
  const connect = webSocketConnect(`${url.replace("http", "ws")}/assistant/socket`, { WebSocket: socketOf(origin) });
  const client = createClient({ connect: tokenConnect(connect, async () => (await mint()).token) });
  return { client, sessionId, say: (text) => say(client, sessionId, text) };
}

export async function post(url: string, body: string, cookie = ""): Promise<Response> {
  return fetch(url, { method: "POST", body, headers: { "content-type": "application/json", cookie } });
}

/** What becomes of attaching to a session: `live`, or `missing` where it is none of theirs. */
export async function sight(client: OrquestraClient, sessionId: string): Promise<"live" | "missing"> {
  const { status } = client.session(sessionId);
  return new Promise((resolve) => {
    const stop = status.subscribe(() => {
      const { status: now } = status.get();
      if (now === "loading") return;
      stop();
      resolve(now);
    });
  });
}

/** The HTTP status that refuses a socket of another page. */
export async function knock(url: string, origin: string): Promise<number | undefined> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/assistant/socket`, { origin });
  return new Promise((resolve, reject) => {
    socket.once("open", () => reject(new Error("it was let in")));
    socket.once("unexpected-response", (_request, { statusCode }) => {
      resolve(statusCode);
      socket.once("error", () => undefined).terminate();
    });
  });
}

/** What a browser does by itself: it says which page a socket is opened from. */
function socketOf(origin: string) {
  return class extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols, { origin });
    }
  };
}

async function say(client: OrquestraClient, sessionId: string, text: string): Promise<readonly OrquestraEvent[]> {
  const session = client.session(sessionId);
  const seen: OrquestraEvent[] = [];
  const over = new Promise<void>((resolve) => {
    session.events((event) => {
      seen.push(event);
      if (/^run-(completed|failed|cancelled)$/.test(event.type)) resolve();
    });
  });
  const { runId } = await client.command("message-send", { text }, { sessionId });
  await over;
  return seen.filter((event) => event.runId === runId);
}
