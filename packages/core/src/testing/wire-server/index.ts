/** A scripted model server over real HTTP. */
export type { RecordedRequest, RequestOutcome } from "./recorded-request.ts";
export type { Reply, ReplyCall, ReplyError } from "./reply.ts";
export { type WireServer, type WireServerOptions, startWireServer } from "./wire-server.ts";
