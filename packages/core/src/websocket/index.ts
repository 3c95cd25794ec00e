/** The door of the WebSocket room. */
export { type Admission, type Gateway, type GatewayOptions, createGateway } from "./gateway.ts";
export type { GatewayLimits } from "./limits.ts";
export type { Caller, Standing } from "./caller.ts";
