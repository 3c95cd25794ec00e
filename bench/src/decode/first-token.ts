import { createClient } from "@orquestra/client";
import { nodeConnect } from "@orquestra/client/node";
import { startWireServer } from "@orquestra/core/testing";
import { z } from "zod";
import type { Report } from "../bench.ts";
import { startChild } from "../lib/child.ts";
import { median, percentile } from "../lib/statistics.ts";

/** The model thinks so long before its first token. */
const thinkingMs = 100;

export interface FirstToken {
  readonly sessions: number;
  readonly p50: number;
  readonly p99: number;
}

export interface FirstTokenLoad {
  /** Each has one message after the other, all sessions side by side. */
  readonly sessions: number;
  readonly messages: number;
  /** As the model writes. */
  readonly tokensPerSecond: number;
}

/**
 * From the moment the provider's first token is due to the moment a reader of the client's store is told of it: HTTP, engine,
 * journal, gateway, WebSocket, client, and the client's wait for the next frame (up to 16 ms). Engine and gateway are one
 * process; provider and client are this one, so that one clock tells both times.
 */
export async function firstToken({ sessions, messages, tokensPerSecond }: FirstTokenLoad, report: Report): Promise<FirstToken> {
  const due = new Map<string, number>();
  const reply = { text: "One two three four five six. ".repeat(8), firstTokenDelayMs: thinkingMs, tokensPerSecond };
  const provider = await startWireServer({
    replies: ({ body }) => {
      const key = /<(\d+\.\d+)>(?!.*<\d+\.\d+>)/s.exec(JSON.stringify(body))?.[1] ?? "";
      due.set(key, performance.now() + thinkingMs);
      return reply;
    },
  });
  const file = new URL(`gateway-child${import.meta.url.slice(-3)}`, import.meta.url);
  const gateway = startChild(file, { modelUrl: provider.url }, z.object({ url: z.string() }));
  const { url } = await gateway.message();
  const delays: number[] = [];
  const converse = async (session: number): Promise<void> => {
    const client = createClient({ connect: nodeConnect(url) });
    const { sessionId } = await client.command("session-create", {});
    const store = client.session(sessionId);
    store.retain();
    await live(store);
    for (let message = -2; message < messages; message += 1) {
      const key = `${session}.${message + 2}`;
      const [shown, over] = [firstShown(store), runOver(store)];
      await client.command("message-send", { text: `Hello <${key}>` }, { sessionId });
      const delay = (await shown) - (due.get(key) ?? Number.NaN);
      await over;
      report.raw({ bench: "decode", type: "first-token", sessions, key, delay });
      if (message >= 0) delays.push(delay);
    }
    client.close();
  };
  await Promise.all(Array.from({ length: sessions }, (_, index) => converse(index)));
  await gateway.end();
  await provider.close();
  return { sessions, p50: median(delays), p99: percentile(delays, 0.99) };
}

type Store = ReturnType<ReturnType<typeof createClient>["session"]>;

/** What happens before it comes with the snapshot, not as events. */
function live({ status }: Store): Promise<void> {
  return new Promise((resolve) => {
    const stop = status.subscribe(() => {
      if (status.get().status !== "live") return;
      stop();
      resolve();
    });
  });
}

/** When a reader of the next part is told of its first text. */
function firstShown(store: Store): Promise<number> {
  return new Promise((resolve) => {
    const stop = store.events((event) => {
      if (event.type !== "part-opened") return;
      stop();
      const part = store.part(event.data.partId);
      const stopWatching = part.subscribe(() => {
        if ((part.get()?.text ?? "") === "") return;
        stopWatching();
        resolve(performance.now());
      });
    });
  });
}

function runOver(store: Store): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = store.events((event) => {
      if (event.type !== "run-completed" && event.type !== "run-failed") return;
      stop();
      if (event.type === "run-completed") resolve();
      else reject(new Error(JSON.stringify(event)));
    });
  });
}
