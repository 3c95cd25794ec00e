/** Doubles and conformance suites, for tests of this project and of what is built on it. */
export { type ClusterUnderTest, clusterConformance, nodesConformance } from "./cluster-conformance.ts";
export { type EmbedderUnderTest, embedderConformance } from "./embedder-conformance.ts";
export {
  type AcpStandIn,
  type StandInEnding,
  type StandInFaults,
  type StandInProcess,
  type StandInReply,
  asked,
  askedToUse,
  createAcpStandIn,
  replyOfRecording,
  said,
  thought,
  usedTool,
} from "./acp-stand-in/index.ts";
export { agentDojoSuites } from "./gullible/agentdojo.ts";
export { type Benign, type Campaign, attackAll, workAll } from "./gullible/campaign.ts";
export { ownSuite } from "./gullible/own-suite.ts";
export type { Suite } from "./gullible/suite.ts";
export {
  type ConformanceCase,
  type ConformanceGap,
  type ConformanceReply,
  type ModelUnderTest,
  languageModelConformance,
} from "./language-model-conformance.ts";
export { type Program, programOf } from "./program.ts";
export { gateWithout } from "./gate-without.ts";
export type { Script } from "./script.ts";
export {
  type AuthorizationContext,
  type ProposedCall,
  authorize,
  compilePolicy,
  noPolicy,
  policyHash,
} from "../permissions/index.ts";
export { type ScriptedModel, type ScriptedReply, scriptedModel } from "./scripted-model.ts";
export { type CuttingProxy, startCuttingProxy } from "./services/cutting-proxy.ts";
export { type TestDatabase, type TestServer, rightPassword, startPostgres, startPostgresServer } from "./services/postgres.ts";
export { freePort } from "./services/throw-away.ts";
export { type TestRedis, type TestRedisServer, rightRedisPassword, startRedis, startRedisServer } from "./services/redis.ts";
export { type StoreUnderTest, storeConformance } from "./store-conformance.ts";
export {
  type RecordedRequest,
  type Reply,
  type ReplyCall,
  type ReplyError,
  type RequestOutcome,
  type WireServer,
  type WireServerOptions,
  startWireServer,
} from "./wire-server/index.ts";
