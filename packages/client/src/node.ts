import { closeCodes, subprotocol } from "@orquestra/protocol";
import { WebSocket } from "ws";
import type { Connect } from "./transport.ts";

export interface NodeConnectOptions {
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
}

/** Connects from Node with a bearer token. A refused sign-in is told as such. */
export function nodeConnect(url: string, options: NodeConnectOptions = {}): Connect {
  const headers = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
  return (events) => {
    const socket = new WebSocket(url, [subprotocol], { headers, handshakeTimeout: 10_000 });
    let problem = "";
    let refusal: number | null = null;
    socket.on("open", () => events.open());
    socket.on("message", (data, isBinary) => {
      if (!isBinary && Buffer.isBuffer(data)) events.frame(data.toString());
    });
    socket.on("unexpected-response", (_request, response) => {
      refusal = response.statusCode ?? 0;
      socket.terminate();
    });
    socket.on("error", (error) => {
      problem = error.message;
    });
    socket.on("close", (code, reason) => {
      if (refusal === 401) return events.closed(closeCodes.unauthorized, "You are not signed in.");
      events.closed(code, refusal === null ? reason.toString() || problem : `The server answered HTTP ${refusal}.`);
    });
    return { send: (text) => socket.send(text), close: () => socket.close() };
  };
}
