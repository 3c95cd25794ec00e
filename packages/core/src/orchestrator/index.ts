/** The orchestrator's door. */
export type { AttachRequest, Attachment, Engine, EngineAccess, LiveFrame } from "./engine.ts";
export { openEngine } from "./engine-of-parts.ts";
export { Feed } from "./feed.ts";
export { Journal } from "./journal.ts";
export type { EngineLog, EngineParts, WorkspaceRoots } from "./parts.ts";
export {
  type BudgetWindow,
  type KeyShape,
  type MetricLabels,
  type MetricSink,
  type Middleware,
  MiddlewareError,
  type ModelStream,
  type RateLimit,
  Redactor,
  type RedactorOptions,
  type ResultCache,
  type ToolCacheOptions,
  type ToolChange,
  type ToolExecution,
  type ToolFacts,
  type ToolMiddleware,
  type ToolTimeLimit,
  type TurnCall,
  type TurnChange,
  type TurnMiddleware,
  budgetTokens,
  budgetToolCalls,
  cacheToolResults,
  composeMiddleware,
  inMemoryResultCache,
  keyShapes,
  limitToolRate,
  limitToolTime,
  limitTurnRate,
  limitTurnTime,
  measureTools,
  measureTurns,
  redactTools,
  redactTurns,
  retryTurns,
} from "./middleware/index.ts";
export { type SessionScope, engineWithin } from "./session-scope.ts";
export { type RunLimits, defaultLimits } from "./run/limits.ts";
