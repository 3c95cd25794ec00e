import { closeCodes, subprotocol } from "@orquestra/protocol";

/** A connection that carries text frames. */
export interface Transport {
  send(text: string): void;
  close(): void;
}

/** What a transport tells. Nothing follows `closed`, and it comes once, also for a connection that never opened. */
export interface TransportEvents {
  open(): void;
  frame(text: string): void;
  /** Codes are those of WebSocket; `closeCodes.unauthorized` for a refused sign-in. */
  closed(code: number, reason: string): void;
}

/** Begins one attempt to connect. Must not call the events before it returned. */
export type Connect = (events: TransportEvents) => Transport;

/** The part of a WebSocket that is used here: the browser's and that of `ws` both fit. */
export interface WebSocketLike {
  send(data: string): void;
  close(): void;
  addEventListener(type: "open" | "message" | "close" | "error", listener: (event: WebSocketEvent) => void): void;
}

export interface WebSocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
}

export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => WebSocketLike;

export interface WebSocketConnectOptions {
  /** Default: the global one. */
  readonly WebSocket?: WebSocketConstructor;
  /** Offered beside the protocol's own. */
  readonly protocols?: readonly string[];
  /** Asked over HTTP why a connection was refused, because a WebSocket in a browser does not tell. Default: the global one. */
  readonly fetch?: typeof fetch;
}

/** Connects through the WebSocket of the platform; the browser sends its cookie along. */
export function webSocketConnect(url: string, options: WebSocketConnectOptions = {}): Connect {
  const { WebSocket = globalThis.WebSocket, protocols = [] } = options;
  const ask = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  return (events) => {
    const socket = new WebSocket(url, [subprotocol, ...protocols]);
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
      events.open();
    });
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") events.frame(data);
    });
    // Tells nothing that `close` does not, but `ws` throws an error nobody listens for.
    socket.addEventListener("error", () => undefined);
    socket.addEventListener("close", ({ code = 1006, reason = "" }) => {
      if (opened) return events.closed(code, reason);
      whyRefused(url, ask).then(
        (refused) => (refused ? events.closed(closeCodes.unauthorized, "You are not signed in.") : events.closed(code, reason)),
        () => events.closed(code, reason),
      );
    });
    return { send: (text) => socket.send(text), close: () => socket.close() };
  };
}

/** Whether the server answers at all, and that it wants a sign-in first. */
async function whyRefused(url: string, ask: typeof fetch): Promise<boolean> {
  const address = new URL(url, globalThis.location?.href);
  address.protocol = address.protocol === "wss:" || address.protocol === "https:" ? "https:" : "http:";
  const response = await ask(address.href, { credentials: "same-origin", signal: AbortSignal.timeout(5000) });
  return response.status === 401;
}
