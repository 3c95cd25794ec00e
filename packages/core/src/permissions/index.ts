/** The permissions' door. */
export { type CardInput, type ValueSource, approvalTodo } from "./approval-card.ts";
export { callHash } from "./approval-hash.ts";
export { type AuthorizationContext, type Authorized, type Verdict, assertAuthorized, authorize } from "./authorize.ts";
export { type JudgedCall, type ProposedCall } from "./call.ts";
export { type CommandGround, bareGround } from "./command-ground.ts";
export type { DenyCode } from "./finding.ts";
export { type Grant, grantsOf } from "./grants.ts";
export { type Landing, landingOf } from "./landing.ts";
export { type OutputOrigin, labelOfOutput, readerOf } from "./label-value.ts";
export { effectiveMode } from "./modes.ts";
export { type EffectiveMode, policyHash } from "./policy.ts";
export { type SandboxOptions, type SandboxProbe, probeSandbox } from "./sandbox/probe.ts";
export { repeatKey } from "./repeat-key.ts";
export { frozenJsonObject } from "./canonical-json.ts";
export { type TrustEntry, type WorkspaceTrust, fileWorkspaceTrust, inMemoryWorkspaceTrust } from "./workspace-trust.ts";
