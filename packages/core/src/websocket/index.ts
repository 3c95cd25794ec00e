/** The door of the WebSocket room. */
export { type Admission, type Gateway, type GatewayLimits, type GatewayOptions, createGateway } from "./gateway.ts";
export type { Caller } from "./caller.ts";
