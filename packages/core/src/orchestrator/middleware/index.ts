/** Middleware: what a product puts around model calls and tool calls, and what comes with the engine. */
export { type BudgetWindow, budgetTokens, budgetToolCalls } from "./budget.ts";
export { type ToolCacheOptions, cacheToolResults } from "./cache.ts";
export { type MetricLabels, type MetricSink, measureTools, measureTurns } from "./metrics.ts";
export { type ComposedMiddleware, type Middleware, composeMiddleware } from "./middleware.ts";
export { MiddlewareError } from "./middleware-error.ts";
export { type RateLimit, limitToolRate, limitTurnRate } from "./rate-limit.ts";
export { redactTools, redactTurns, redactedModel } from "./redaction/redact.ts";
export { type ResultCache, inMemoryResultCache } from "./result-cache.ts";
export type { SharedRate } from "./shared-rate.ts";
export { sharedResultCache } from "./shared-result-cache.ts";
export { retryTurns } from "./retry.ts";
export { type ToolTimeLimit, limitToolTime, limitTurnTime } from "./time-limit.ts";
export type { ToolChange, ToolExecution, ToolFacts, ToolMiddleware } from "./tool-middleware.ts";
export type { ModelStream, TurnCall, TurnChange, TurnMiddleware } from "./turn-middleware.ts";
