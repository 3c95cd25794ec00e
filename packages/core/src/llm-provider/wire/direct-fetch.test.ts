import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { StreamedResponse, directFetch } from "./direct-fetch.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Served {
  readonly url: string;
  readonly sockets: Set<Socket>;
}

async function serve(listener: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<Served> {
  const server = createServer((request, response) => {
    Promise.resolve(listener(request, response)).catch(() => response.destroy());
  });
  servers.push(server);
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server that listens on TCP has an address
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, sockets };
}

const post = { method: "POST", headers: { authorization: "Bearer made-up-key" }, body: "{}" } as const;

async function textOf(response: Response): Promise<string> {
  if (!(response instanceof StreamedResponse)) throw new Error("it does not stream");
  const chunks: Uint8Array[] = [];
  for (let bytes = await response.source.read(); bytes !== null; bytes = await response.source.read()) chunks.push(bytes);
  return Buffer.concat(chunks).toString();
}

function events(response: ServerResponse, text: string): void {
  response.writeHead(200, { "content-type": "text/event-stream" }).end(text);
}

describe("a request straight over the socket", () => {
  it("sends what it was given, and hands over the stream of the answer", async () => {
    const seen: string[] = [];
    const { url } = await serve(async (request, response) => {
      for await (const chunk of request) seen.push(String(chunk));
      seen.push(request.method ?? "", request.headers.authorization ?? "");
      events(response, "data: 1\n\n");
    });
    expect(await textOf(await directFetch(url, { ...post, body: '{"a":"ä"}' }))).toBe("data: 1\n\n");
    expect(seen).toEqual(['{"a":"ä"}', "POST", "Bearer made-up-key"]);
  });

  it("follows no redirect: the key stays where it was sent", async () => {
    let asked = 0;
    const elsewhere = await serve((_, response) => {
      asked++;
      events(response, "data: 1\n\n");
    });
    const { url } = await serve((_, response) => response.writeHead(307, { location: elsewhere.url }).end());
    expect((await directFetch(url, post)).status).toBe(307);
    expect(asked).toBe(0);
  });

  it("keeps its connection, and makes a call anew when the other side had just closed it", async () => {
    const { url, sockets } = await serve((_, response) => events(response, "data: 1\n\n"));
    const answers = [await textOf(await directFetch(url, post)), await textOf(await directFetch(url, post))];
    expect(sockets.size).toBe(1);
    for (const socket of sockets) socket.resetAndDestroy();
    answers.push(await textOf(await directFetch(url, post)));
    expect(answers).toEqual(Array.from({ length: 3 }, () => "data: 1\n\n"));
    expect(sockets.size).toBe(2);
  });

  it("tells a connection that breaks in the middle, and one that nobody accepts", async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: 1\n\n", () => response.destroy());
    });
    await expect(textOf(await directFetch(url, post))).rejects.toThrow();
    await expect(directFetch("http://127.0.0.1:1/v1", post)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("ends with its signal, before the answer and in it", async () => {
    const silent = await serve(() => undefined);
    const waiting = new AbortController();
    const never = directFetch(silent.url, { ...post, signal: waiting.signal });
    waiting.abort();
    await expect(never).rejects.toMatchObject({ name: "AbortError" });

    const endless = await serve((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
    });
    const reading = new AbortController();
    const response = await directFetch(endless.url, { ...post, signal: reading.signal });
    const text = textOf(response);
    reading.abort();
    await expect(text).rejects.toThrow();
  });

  it("lets the server wait while nobody reads, and loses nothing", async () => {
    const chunk = "x".repeat(64 * 1024);
    const count = 256;
    let sent = 0;
    const { url } = await serve(async (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (; sent < count; sent++) if (!response.write(chunk)) await once(response, "drain");
      response.end();
    });
    const response = await directFetch(url, post);
    // The answer's head is here; what the sockets and the queue hold is less than all of it.
    for (let looks = 0, before = -1; looks < 50 && before !== sent; looks++) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(sent).toBeLessThan(count);
    expect((await textOf(response)).length).toBe(count * chunk.length);
  });

  it("gives answers that do not stream as a whole", async () => {
    const { url } = await serve((_, response) =>
      response.writeHead(401, { "content-type": "application/json" }).end('{"error":{"message":"no"}}'),
    );
    const response = await directFetch(url, post);
    expect([response.status, await response.json()]).toEqual([401, { error: { message: "no" } }]);
  });
});
