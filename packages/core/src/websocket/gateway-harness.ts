import { type Json, parseServerFrame } from "@orquestra/protocol";
import { once } from "node:events";
import { type Server, createServer } from "node:http";
import { type Socket, connect } from "node:net";
import { type ClientOptions, WebSocket } from "ws";
import { type Clock, systemClock } from "../lib/clock.ts";
import { EngineDouble } from "./engine-double.ts";
import { type Admission, type Gateway, type GatewayLimits, createGateway } from "./index.ts";

/** A frame as it came, not checked: tests say themselves what they expect. */
export interface Frame {
  readonly [key: string]: Json;
}

export const session = "s1";

const owner: Admission = {
  status: "admitted",
  user: { id: "u1", tenant: "t1", name: "Owner", metadata: {} },
  scope: null,
};

/** A client that keeps every frame it gets, in order. */
export class TestClient {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  closedWith: number | null = null;
  readonly #waiting = new Set<() => void>();

  constructor(url: string, protocols: readonly string[], options: ClientOptions) {
    this.socket = new WebSocket(url, [...protocols], { perMessageDeflate: true, ...options });
    this.socket.on("message", (data: Buffer) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server's frame is a JSON object; tests check the rest
      this.frames.push(JSON.parse(data.toString()) as Frame);
      parseServerFrame(data.toString());
      this.#wake();
    });
    this.socket.on("close", (code) => {
      this.closedWith = code;
      this.#wake();
    });
    this.socket.on("error", () => undefined);
  }

  send(frame: object | string): void {
    this.socket.send(typeof frame === "string" ? frame : JSON.stringify({ v: 1, ...frame }));
  }

  async reply(id: string | null): Promise<Frame> {
    return await this.frame((frame) => frame["type"] === "reply" && frame["re"] === id);
  }

  async frame(matches: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(matches);
      if (found !== undefined) return found;
      if (this.closedWith !== null) throw new Error(`closed with ${this.closedWith} before that frame came`);
      await this.#news();
    }
  }

  async closed(): Promise<number> {
    while (this.closedWith === null) await this.#news();
    return this.closedWith;
  }

  #news(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** A gateway on a real HTTP server, with an engine double behind it. */
export class Harness {
  readonly engine = new EngineDouble();
  readonly logged: unknown[] = [];
  admission: () => Admission = () => owner;
  admitAfter: Promise<void> = Promise.resolve();
  readonly gateway: Gateway;
  readonly #server: Server = createServer();
  readonly #clients: TestClient[] = [];

  constructor(limits: Partial<GatewayLimits> = {}, clock: Clock = systemClock) {
    this.engine.open(session);
    this.gateway = createGateway({
      engine: this.engine,
      admit: async () => {
        await this.admitAfter;
        return this.admission();
      },
      server: { version: "1.2.3", nodeId: "n1" },
      limits,
      clock,
      log: (_problem, cause) => this.logged.push(cause),
    });
    this.#server.on("upgrade", (request, socket, head) => this.gateway.handleUpgrade(request, socket, head));
  }

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  async stop(): Promise<void> {
    for (const { socket } of this.#clients) socket.terminate();
    await this.gateway.close();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  client(protocols: readonly string[] = ["orquestra.v1"], options: ClientOptions = {}): TestClient {
    const client = new TestClient(`ws://127.0.0.1:${this.#port()}/ws`, protocols, options);
    this.#clients.push(client);
    return client;
  }

  async signedIn(): Promise<TestClient> {
    const client = this.client();
    await client.frame((frame) => frame["type"] === "hello");
    return client;
  }

  async attached(from?: number): Promise<TestClient> {
    const client = await this.signedIn();
    client.send({ id: "attach", type: "session-attach", sessionId: session, data: from === undefined ? {} : { from } });
    await client.reply("attach");
    return client;
  }

  /** A bare socket that has sent an upgrade request. */
  rawUpgrade(headers = ""): Socket {
    const socket = connect(this.#port(), "127.0.0.1");
    socket.on("error", () => undefined);
    const key = Buffer.alloc(16).toString("base64");
    const request = `GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
    socket.write(`${request}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${headers}\r\n`);
    return socket;
  }

  #port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the server is not listening");
    return address.port;
  }
}

/** All a socket says until it is closed. */
export async function readToEnd(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}
