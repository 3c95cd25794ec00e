import { closeCodes, maxFrameBytes, subprotocol } from "@orquestra/protocol";
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Engine } from "../orchestrator/index.ts";
import type { Caller, Identify } from "./caller.ts";
import { Connection, type ConnectionLimits } from "./connection.ts";
import { createEncoder } from "./encode.ts";
import { Lobby, type LobbyLimits } from "./lobby.ts";
import { defaultQueueLimits } from "./outgoing-queue.ts";
import type { Log } from "./refusal.ts";

/** What the door says to whoever knocks. The message is shown to them, so it says what to do and nothing else. */
export type Admission =
  | (Caller & { readonly status: "admitted" })
  /** No credentials, but from where an embedded page may come: upgraded, and asked for a token in its first frame. */
  | { readonly status: "unidentified"; readonly identify: Identify }
  | { readonly status: "refused"; readonly code: 401 | 403; readonly message: string };

export interface GatewayLimits extends ConnectionLimits, LobbyLimits {
  /** Inbound frames above it close the connection with 1009. */
  readonly frameBytes: number;
  readonly heartbeatMs: number;
}

export interface GatewayOptions {
  readonly engine: Engine;
  /** Checks Host, Origin and credentials, before anything is upgraded. */
  readonly admit: (request: IncomingMessage) => Promise<Admission>;
  readonly server: { readonly version: string; readonly nodeId: string };
  readonly limits?: Partial<GatewayLimits>;
  readonly clock?: Clock;
  readonly log?: Log;
}

export interface Gateway {
  /** For the `upgrade` event of an HTTP server. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Connections that are open and signed in. */
  readonly connections: number;
  /** Closes all connections with 1012 and waits until they are closed. */
  close(): Promise<void>;
}

const defaultLimits: GatewayLimits = {
  ...defaultQueueLimits,
  commandsPerSecond: 50,
  commandBurst: 200,
  commandsInFlight: 64,
  frameBytes: maxFrameBytes,
  heartbeatMs: 30_000,
  closeMs: 2_000,
  guests: 256,
  signInMs: 5_000,
  signInBytes: 4096,
};

type Welcome = Exclude<Admission, { readonly status: "refused" }>;

/** The door for WebSockets: admits, upgrades, keeps alive, closes. What is said inside is the connection's. */
export function createGateway(options: GatewayOptions): Gateway {
  const { engine, admit, server, clock = systemClock, log = () => undefined } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const encode = createEncoder();
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.frameBytes,
    handleProtocols: () => subprotocol,
  });
  const open = new Map<WebSocket, Connection>();
  const lobby = new Lobby(limits, log);
  let closing = false;
  const heartbeat = setInterval(() => {
    for (const connection of open.values()) connection.beat();
  }, limits.heartbeatMs).unref();

  const hello = encode({ v: 1, type: "hello", data: { protocol: subprotocol, server: server.version, nodeId: server.nodeId } });

  const connect = (socket: WebSocket, transport: Duplex, caller: Caller): void => {
    const connection = new Connection({ socket, transport, caller, engine, encode, limits, clock, log });
    open.set(socket, connection);
    socket.on("close", () => open.delete(socket));
    if (caller.scope === null) return;
    const expire = (): void => connection.close(closeCodes.unauthorized, "The token has expired.");
    const over = setTimeout(expire, caller.scope.expiresAt - clock.now()).unref();
    socket.on("close", () => clearTimeout(over));
  };

  const welcome = (socket: WebSocket, transport: Duplex, admission: Welcome): void => {
    // Protocol errors of the other side (frame too large, not UTF-8): the socket closes itself with the right code.
    socket.on("error", () => undefined);
    socket.send(hello, { binary: false });
    if (admission.status === "admitted") return connect(socket, transport, admission);
    const { identify } = admission;
    lobby.receive({ socket, transport, identify, enter: (caller) => connect(socket, transport, caller) });
  };

  const upgrade = async (request: IncomingMessage, transport: Duplex, head: Buffer): Promise<void> => {
    const admission = await admit(request);
    if (transport.destroyed) return;
    if (admission.status === "refused") return refuse(transport, admission.code, admission.message);
    if (!speaksOurs(request)) return refuse(transport, 400, `Offer the subprotocol ${subprotocol}.`);
    if (closing) return refuse(transport, 503, "The server is shutting down.");
    sockets.handleUpgrade(request, transport, head, (socket) => welcome(socket, transport, admission));
  };

  return {
    handleUpgrade(request, transport, head) {
      // Until the socket is upgraded nobody else listens, and an unheard error ends the process.
      transport.on("error", () => transport.destroy());
      upgrade(request, transport, head).catch((error: unknown) => {
        log("An upgrade failed unexpectedly.", error);
        refuse(transport, 500, "Something went wrong on the server.");
      });
    },
    get connections() {
      return open.size;
    },
    async close() {
      closing = true;
      clearInterval(heartbeat);
      const everybody = [...open.keys(), ...lobby.sockets];
      const impatient = setTimeout(() => {
        for (const socket of everybody) socket.terminate();
      }, limits.closeMs);
      await Promise.all(everybody.map(closeForRestart));
      clearTimeout(impatient);
    },
  };
}

/** A client that offers nothing is served too, so that simple tools work; one that offers only others is not ours. */
function speaksOurs(request: IncomingMessage): boolean {
  const offered = request.headers["sec-websocket-protocol"];
  return offered === undefined || offered.split(",").some((name) => name.trim() === subprotocol);
}

function closeForRestart(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
    socket.close(closeCodes.restart, "the server is restarting");
  });
}

function refuse(transport: Duplex, code: number, message: string): void {
  const body = `${message}\n`;
  transport.once("finish", () => transport.destroy());
  transport.end(
    `HTTP/1.1 ${code} ${STATUS_CODES[code]}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `X-Content-Type-Options: nosniff\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
