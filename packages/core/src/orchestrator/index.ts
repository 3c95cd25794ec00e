/** The orchestrator's door. */
export type { AttachRequest, Attachment, Engine, EngineAccess, LiveFrame } from "./engine.ts";
export { openEngine } from "./engine-of-parts.ts";
export { Feed } from "./feed.ts";
export { Journal } from "./journal.ts";
export type { EngineLog, EngineParts, WorkspaceRoots } from "./parts.ts";
export { type SessionScope, engineWithin } from "./session-scope.ts";
export { type RunLimits, defaultLimits } from "./run/limits.ts";
export { type RetryPolicy, defaultRetries } from "./run/retry.ts";
export { Slots } from "./run/slots.ts";
