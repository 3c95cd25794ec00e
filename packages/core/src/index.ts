/** The public door of the engine. A new export here is public: add it on purpose. */
export { type Orquestra, type OrquestraOptions, createOrquestra } from "./create-orquestra.ts";

export { CommandError, OrquestraError, messageOf } from "./lib/error.ts";
export { type Clock, isoTime, systemClock } from "./lib/clock.ts";
export { newId } from "./lib/ids.ts";
export { hashSecret, newSecret } from "./lib/secret.ts";
export { SecretValue } from "./lib/secret-value.ts";

export {
  type AttachRequest,
  type Attachment,
  type Engine,
  type EngineAccess,
  type EngineLog,
  type FollowedRun,
  type LiveFrame,
  type CommandOptions,
  type ImportLimits,
  type ImportOptions,
  type SessionTransfer,
  type RunEnd,
  type PositionalArguments,
  type PrintableTodo,
  type RunLimits,
  type RunRequest,
  type SessionScope,
  type SessionToken,
  SessionTokens,
  type SessionTokensOptions,
  type TokenRequest,
  type WorkspaceRoots,
  defaultLimits,
  engineWithin,
  isLoginOver,
  printTodo,
  printTodoAsJson,
} from "./orchestrator/index.ts";

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
} from "./orchestrator/index.ts";

export {
  type AnyTool,
  type BareOptions,
  type CallPreview,
  type CommandResult,
  type CommandRunner,
  type ForeignTool,
  type PreviewCall,
  type SearchSettings,
  type SessionCommand,
  type SnapshotOptions,
  type Snapshots,
  type Tool,
  type ToolCall,
  type ToolCommand,
  type ToolDefinition,
  ToolError,
  type Touches,
  type User,
  type Vouched,
  type Workspace,
  bareRunner,
  builtInTools,
  checkWorkspaceRoot,
  defineTool,
  foreignTool,
  openSnapshots,
  touchesNothing,
} from "./tools/index.ts";

export {
  type Embedder,
  Lane,
  type LaneLimits,
  type LanguageModel,
  type ModelCatalog,
  type ModelChoice,
  ModelError,
  ModelHealth,
  type ModelMessage,
  type ModelPart,
  type ModelRequest,
  type Price,
  type PriceTable,
  createFallbackChain,
  createModelCatalog,
  withLane,
  withPrices,
  withRetries,
} from "./llm-provider/index.ts";
export {
  type AcpAgentOptions,
  type AgentLimits,
  type AgentProgram,
  type AgentProvider,
  type CursorOptions,
  createAcpAgentProvider,
  createCursorProvider,
} from "./llm-provider/acp-agent/index.ts";
export { createAnthropicModel } from "./llm-provider/anthropic/index.ts";
export { createOpenAiEmbedder, createOpenAiModel } from "./llm-provider/openai/index.ts";

export {
  type AuditReport,
  type AuditSource,
  AuditTrail,
  type AuditTrailOptions,
  type KeyShape,
  type LayerName,
  type PolicyLayer,
  type PolicyRule,
  Redactor,
  type RedactorOptions,
  type SandboxOptions,
  type SandboxProbe,
  type WorkspaceTrust,
  auditedTrust,
  fileWorkspaceTrust,
  inMemoryWorkspaceTrust,
  keyShapes,
  parsePolicy,
  policyLayer,
  probeSandbox,
  storedAudit,
  verifyAudit,
  whyNotRedacted,
} from "./permissions/index.ts";

export {
  type AuditHead,
  type AuditLog,
  type AuditRow,
  type Cluster,
  type ClusterHealth,
  type LoginRecord,
  type SharedCache,
  type Store,
  StoreError,
  type UserRecord,
} from "./persistence/index.ts";
export { openInMemoryCluster, openInMemoryStore } from "./persistence/in-memory/index.ts";
export { openPGliteStore, readLock, takeLock, writeLockUrl } from "./persistence/pglite/index.ts";
export { holdDatabase, openPostgresStore } from "./persistence/postgres/index.ts";
export { type RedisOptions, openRedisCluster } from "./persistence/redis/index.ts";

export { type Admission, type Caller, type Gateway, type Standing, createGateway } from "./websocket/index.ts";
