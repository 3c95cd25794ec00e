/** The orchestrator's door. */
export { type NodeTiming, defaultTiming } from "./nodes/timing.ts";
export type { AttachRequest, Attachment, Engine, EngineAccess, LiveFrame } from "./engine.ts";
export { type FollowedRun, type RunEnd } from "./in-process/followed-run.ts";
export { RunMessages, type RunRequest } from "./in-process/run-messages.ts";
export { localUser, saveUser } from "./in-process/save-user.ts";
export { type CommandOptions, sendCommand } from "./in-process/send-command.ts";
export { openEngine } from "./engine-of-parts.ts";
export { Feed } from "./live/feed.ts";
export { Journal } from "./journal.ts";
export type { EngineLog, EngineParts, WorkspaceRoots } from "./parts.ts";
export {
  type BudgetWindow,
  type MetricLabels,
  type MetricSink,
  type Middleware,
  MiddlewareError,
  type ModelStream,
  type RateLimit,
  type ResultCache,
  type SharedRate,
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
  limitToolRate,
  limitToolTime,
  limitTurnRate,
  limitTurnTime,
  measureTools,
  measureTurns,
  redactTools,
  redactTurns,
  retryTurns,
  sharedResultCache,
} from "./middleware/index.ts";
export { type SessionToken, SessionTokens, type SessionTokensOptions, type TokenRequest, isLoginOver } from "./session-tokens.ts";
export { type ImportLimits } from "./transfer/read-lines.ts";
export { type ImportOptions, type SessionTransfer, sessionTransfer } from "./transfer/session-transfer.ts";
export { type SessionScope, engineWithin } from "./session-scope.ts";
export { type PositionalArguments, type PrintableTodo, printTodo, printTodoAsJson } from "./plan-language/index.ts";
export { type RunLimits, defaultLimits } from "./run/limits.ts";
export { type RetryPolicy, defaultRetries } from "./run/retry.ts";
export { Slots } from "./run/slots.ts";
