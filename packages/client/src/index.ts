/** The client of an Orquestra server. A new export here is public: add it on purpose. */
export { type ClientOptions, type CommandOptions, type OrquestraClient, createClient } from "./create-client.ts";
export { ClientError } from "./client-error.ts";
export type { ConnectionState } from "./connection.ts";
export type { Readable } from "./readable.ts";
export type { SessionStatus, SessionStore } from "./session-store.ts";
export { type AskForToken, tokenConnect } from "./token-connect.ts";
export {
  type Connect,
  type Transport,
  type TransportEvents,
  type WebSocketConnectOptions,
  type WebSocketConstructor,
  type WebSocketEvent,
  type WebSocketLike,
  webSocketConnect,
} from "./transport.ts";
