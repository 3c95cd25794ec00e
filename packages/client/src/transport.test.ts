import { closeCodes } from "@orquestra/protocol";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { type WebSocketConnectOptions, webSocketConnect } from "./transport.ts";

/** What the server says to a plain request and to an upgrade; 101 admits. */
let answer = { plain: 426, upgrade: 101 };
let url: string;
const http = createServer((_request, response) => response.writeHead(answer.plain).end());
const sockets = new WebSocketServer({ noServer: true });

beforeEach(async () => {
  http.on("upgrade", (request, socket, head) => {
    if (answer.upgrade === 101)
      return sockets.handleUpgrade(request, socket, head, (client) => sockets.emit("connection", client));
    socket.end(`HTTP/1.1 ${answer.upgrade} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has an AddressInfo
  url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ws`;
});

afterEach(async () => {
  for (const client of sockets.clients) client.terminate();
  sockets.removeAllListeners("connection");
  http.removeAllListeners("upgrade");
  vi.unstubAllGlobals();
  await new Promise((resolve) => http.close(resolve));
});

interface Heard {
  readonly frames: string[];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

function connect(
  options: WebSocketConnectOptions = { WebSocket },
): Heard & { readonly transport: ReturnType<ReturnType<typeof webSocketConnect>> } {
  const frames: string[] = [];
  const events = new EventTarget();
  let end = { code: 0, reason: "" };
  const opened = new Promise<void>((resolve) => events.addEventListener("open", () => resolve()));
  const closed = new Promise<typeof end>((resolve) => events.addEventListener("closed", () => resolve(end)));
  const transport = webSocketConnect(
    url,
    options,
  )({
    open: () => events.dispatchEvent(new Event("open")),
    frame: (text) => frames.push(text),
    closed: (code, reason) => {
      end = { code, reason };
      events.dispatchEvent(new Event("closed"));
    },
  });
  return { frames, opened, closed, transport };
}

describe("webSocketConnect", () => {
  it("carries text both ways over the protocol's subprotocol, and tells how it ended", async () => {
    answer = { plain: 426, upgrade: 101 };
    sockets.once("connection", (socket: WebSocket) => {
      socket.send("welcome");
      socket.on("message", (data) => {
        socket.send(`${socket.protocol} ${Buffer.isBuffer(data) ? data.toString() : ""}`);
        socket.close(closeCodes.restart, "restarting");
      });
    });
    const { frames, opened, closed, transport } = connect();
    await opened;
    transport.send("hello");
    expect(await closed).toEqual({ code: closeCodes.restart, reason: "restarting" });
    expect(frames).toEqual(["welcome", "orquestra.v1 hello"]);
  });

  it("finds out over HTTP that sign-in is refused, because the socket does not tell", async () => {
    answer = { plain: 401, upgrade: 401 };
    expect(await connect().closed).toEqual({ code: closeCodes.unauthorized, reason: "You are not signed in." });
  });

  it("takes every other refusal for a lost connection", async () => {
    answer = { plain: 426, upgrade: 503 };
    expect(await connect().closed).toMatchObject({ code: 1006 });
  });

  it("takes a server that does not answer at all for a lost connection", async () => {
    const fetch = vi.fn<typeof globalThis.fetch>().mockRejectedValue(new TypeError("fetch failed"));
    answer = { plain: 401, upgrade: 401 };
    expect(await connect({ WebSocket, fetch }).closed).toMatchObject({ code: 1006 });
    expect(fetch).toHaveBeenCalledOnce();
  });

  it("uses the platform's own WebSocket where none is given", async () => {
    answer = { plain: 426, upgrade: 101 };
    vi.stubGlobal("WebSocket", WebSocket);
    const { opened, closed, transport } = connect({});
    await opened;
    transport.close();
    expect(await closed).toMatchObject({ code: 1005 });
  });
});
