import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { type AnyTool, ToolError, defineTool } from "@orquestra/core";
import { z } from "zod";
import type { Task } from "./task.ts";

/** A small web on this machine. Its addresses are made up; the tools know where they are served. */
export interface Web {
  readonly tools: readonly AnyTool[];
  /** What was posted: address and text. */
  readonly sent: readonly string[];
  close(): Promise<void>;
}

const asked = "x-address";

export async function openWeb(pages: NonNullable<Task["pages"]>): Promise<Web> {
  const sent: string[] = [];
  const visits = new Map<string, number>();
  const server = createServer((incoming, response) => {
    const address = String(incoming.headers[asked]);
    const visit = visits.get(address) ?? 0;
    visits.set(address, visit + 1);
    const answers = [pages[address] ?? []].flat();
    const page = answers[Math.min(visit, answers.length - 1)];
    text(incoming).then(
      (body) => {
        if (incoming.method === "POST") sent.push(`${address} ${body}`);
        if (page === null) response.writeHead(503).end("Try again.");
        else response.writeHead(page === undefined && incoming.method === "GET" ? 404 : 200).end(page ?? "Thank you.");
      },
      () => response.destroy(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const place = server.address();
  if (typeof place !== "object" || place === null) throw new Error("The made-up web has no port.");
  const origin = `http://127.0.0.1:${place.port}`;
  return {
    tools: [webRead(origin), webPost(origin)],
    sent,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const common = { critical: ["url"], integrity: "outside", undoable: false, timeoutMs: 10_000 } as const;

function webRead(origin: string): AnyTool {
  return defineTool({
    ...common,
    name: "web_read",
    description: "Reads a page of the web as text.",
    input: z.object({ url: z.url() }),
    output: z.object({ url: z.string(), text: z.string() }),
    effects: ["read"],
    idempotent: true,
    async run({ url }, { signal }) {
      return { url, text: await request(origin, url, { signal }) };
    },
  });
}

function webPost(origin: string): AnyTool {
  return defineTool({
    ...common,
    name: "web_post",
    description: "Sends text to an address of the web.",
    input: z.object({ url: z.url(), body: z.string() }),
    output: z.object({ answer: z.string() }),
    effects: ["egress"],
    idempotent: false,
    async run({ url, body }, { signal }) {
      return { answer: await request(origin, url, { signal, method: "POST", body }) };
    },
  });
}

async function request(origin: string, url: string, init: RequestInit): Promise<string> {
  const response = await fetch(origin, { ...init, headers: { [asked]: url } });
  if (response.ok) return response.text();
  const retryable = response.status >= 500;
  const advice = retryable ? "The server is busy; try again." : "There is no such page.";
  throw new ToolError(`http_${response.status}`, `${url} answered ${response.status}. ${advice}`, { retryable });
}
