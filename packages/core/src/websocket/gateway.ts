import { closeCodes, subprotocol } from "@orquestra/protocol";
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { CommandError } from "../lib/error.ts";
import type { Engine } from "../orchestrator/index.ts";
import { TokenBucket } from "../lib/token-bucket.ts";
import { KeyedMap } from "../lib/keyed-map.ts";
import type { Caller, Identify, Standing } from "./caller.ts";
import { Connection } from "./connection.ts";
import { createEncoder } from "./encode.ts";
import { Lobby } from "./lobby.ts";
import { type GatewayLimits, defaultLimits } from "./limits.ts";
import { UserPace, refusalOf, tooFast } from "./pace.ts";
import type { Log } from "./refusal.ts";
import { type Holds, Standings } from "./standing.ts";

/** What the door says to whoever knocks. The message is shown to them, so it says what to do and nothing else. */
export type Admission =
  | (Caller & {
      readonly status: "admitted";
      /** Asked again and again while they are inside; absent: they may stay. */
      readonly stands?: Standing;
      /** Milliseconds of the epoch, where what they came in with has an end that their scope does not say. */
      readonly expiresAt?: number | null;
    })
  /** No credentials, but from where an embedded page may come: upgraded, and asked for a token in its first frame. */
  | { readonly status: "unidentified"; readonly identify: Identify }
  | { readonly status: "refused"; readonly code: 401 | 403; readonly message: string };

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
  /** Says that a way in of that user was taken back; null: of anybody. Whoever came in by it is closed, and has no more command carried out. */
  lookAgain(userId: string | null): void;
  /** Connections that are open and signed in. */
  readonly connections: number;
  /** Closes all connections with 1012 and waits until they are closed. */
  close(): Promise<void>;
}

/** Somebody on their way in. */
interface Visitor {
  readonly caller: Caller;
  readonly stands: Standing | undefined;
  readonly expiresAt?: number | null | undefined;
  readonly pace: UserPace;
  /** What `Standings.takenBack` was when they came to the door. */
  readonly seen: number;
}

/** When to come again where nobody knows when there is room. */
const aMinute = 60_000;
/** Milliseconds; a longer one would be over at once. */
const longestTimer = 2 ** 31 - 1;

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
    autoPong: false,
    maxPayload: limits.frameBytes,
    handleProtocols: () => subprotocol,
  });
  const open = new Map<WebSocket, Connection>();
  const lobby = new Lobby(limits, log);
  const users = new KeyedMap(
    () => new UserPace(limits, clock),
    (pace) => pace.isFresh,
  );
  const addresses = new KeyedMap(
    () => new TokenBucket(limits.guestConnects, clock),
    (bucket) => bucket.full,
  );
  const standings = new Standings({ limits, clock, log });
  let closing = false;
  const heartbeat = setInterval(() => {
    for (const connection of open.values()) connection.beat();
  }, limits.heartbeatMs).unref();

  const hello = encode({ v: 1, type: "hello", data: { protocol: subprotocol, server: server.version, nodeId: server.nodeId } });

  const connect = (socket: WebSocket, transport: Duplex, visitor: Visitor): void => {
    const { caller, stands, expiresAt, pace, seen } = visitor;
    const holds: Holds = () => standing();
    const connection = new Connection({ socket, transport, caller, holds, pace, engine, encode, limits, clock, log });
    const close = (code: number, reason: string): void => connection.close(code, reason);
    const standing = standings.watch({ socket, userId: caller.user.id, stands, seen, close });
    open.set(socket, connection);
    socket.on("close", () => open.delete(socket));
    const left = (expiresAt ?? caller.scope?.expiresAt ?? Number.POSITIVE_INFINITY) - clock.now();
    // What holds for longer than a timer can wait is looked at again anyway.
    if (left > longestTimer) return;
    const over = setTimeout(() => close(closeCodes.unauthorized, "The token has expired."), left).unref();
    socket.on("close", () => clearTimeout(over));
  };

  const receiveGuest = (socket: WebSocket, transport: Duplex, identify: Identify, seen: number): void => {
    lobby.receive({
      socket,
      transport,
      identify,
      enter: (caller, stands) => {
        const pace = users.get(caller.user.id);
        const refused = pace.enter(transport);
        if (refused !== null) return socket.close(closeCodes.tooMany, refused.message);
        return connect(socket, transport, { caller, stands, pace, seen });
      },
    });
  };

  const welcome = (socket: WebSocket, transport: Duplex, admission: Welcome, seen: number): void => {
    // Protocol errors of the other side (frame too large, not UTF-8): the socket closes itself with the right code.
    socket.on("error", () => undefined);
    socket.send(hello, { binary: false });
    if (admission.status === "unidentified") return receiveGuest(socket, transport, admission.identify, seen);
    const { user, scope, stands, expiresAt } = admission;
    return connect(socket, transport, { caller: { user, scope }, stands, expiresAt, pace: users.get(user.id), seen });
  };

  /** Null: there is room for one more. */
  const refuseOneMore = (admission: Welcome, { socket }: IncomingMessage, transport: Duplex): CommandError | null =>
    admission.status === "admitted"
      ? users.get(admission.user.id).enter(transport)
      : refusalOf(addresses.get(socket.remoteAddress ?? ""), tooFast);

  const upgrade = async (request: IncomingMessage, transport: Duplex, head: Buffer): Promise<void> => {
    const seen = standings.takenBack;
    const admission = await admit(request);
    if (transport.destroyed) return;
    if (admission.status === "refused") return refuse(transport, admission.code, admission.message);
    if (!speaksOurs(request)) return refuse(transport, 400, `Offer the subprotocol ${subprotocol}.`);
    if (closing) return refuse(transport, 503, "The server is shutting down.");
    const refused = refuseOneMore(admission, request, transport);
    if (refused !== null) return refuse(transport, 429, refused.message, refused.retryAfterMs ?? aMinute);
    sockets.handleUpgrade(request, transport, head, (socket) => welcome(socket, transport, admission, seen));
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
    lookAgain: (userId) => standings.lookAgain(userId),
    get connections() {
      return open.size;
    },
    async close() {
      closing = true;
      clearInterval(heartbeat);
      standings.end();
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

function refuse(transport: Duplex, code: number, message: string, retryAfterMs?: number): void {
  const body = `${message}\n`;
  const when = retryAfterMs === undefined ? "" : `Retry-After: ${Math.ceil(retryAfterMs / 1000)}\r\n`;
  transport.once("finish", () => transport.destroy());
  transport.end(
    `HTTP/1.1 ${code} ${STATUS_CODES[code]}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `X-Content-Type-Options: nosniff\r\n${when}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
