/** The engine's door. A new export here is public: add it on purpose. */
export { type Clock, isoTime, systemClock } from "./lib/clock.ts";
export { CommandError, OrquestraError, messageOf } from "./lib/error.ts";
export { newId } from "./lib/ids.ts";
export { type AttachRequest, type Attachment, type Engine, type LiveFrame } from "./orchestrator/index.ts";
export { type Batch, type Change, type LoginRecord, type Store, StoreError, type UserRecord } from "./persistence/index.ts";
export { type User } from "./tools/index.ts";
export { type Admission, type Gateway, type GatewayLimits, type GatewayOptions, createGateway } from "./websocket/index.ts";
