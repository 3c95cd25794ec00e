/** The public door of the engine. A new export here is public: add it on purpose. */
export { type Orquestra, type OrquestraOptions, createOrquestra } from "./create-orquestra.ts";

export { CommandError, OrquestraError, messageOf } from "./lib/error.ts";
export { type Clock, isoTime, systemClock } from "./lib/clock.ts";
export { newId } from "./lib/ids.ts";

export {
  type AttachRequest,
  type Attachment,
  type Engine,
  type EngineAccess,
  type EngineLog,
  type LiveFrame,
  type RunLimits,
  type SessionScope,
  type WorkspaceRoots,
  defaultLimits,
  engineWithin,
} from "./orchestrator/index.ts";

export {
  type AnyTool,
  type CallPreview,
  type PreviewCall,
  type Tool,
  type ToolCall,
  ToolError,
  type Touches,
  type User,
  type Workspace,
  builtInTools,
  checkWorkspaceRoot,
  defineTool,
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
export { createAnthropicModel } from "./llm-provider/anthropic/index.ts";
export { createOpenAiEmbedder, createOpenAiModel } from "./llm-provider/openai/index.ts";

export { type WorkspaceTrust, fileWorkspaceTrust, inMemoryWorkspaceTrust } from "./permissions/index.ts";

export { type LoginRecord, type Store, StoreError, type UserRecord } from "./persistence/index.ts";
export { openInMemoryStore } from "./persistence/in-memory/index.ts";
export { openPGliteStore, readLock, takeLock, writeLockUrl } from "./persistence/pglite/index.ts";
export { holdDatabase, openPostgresStore } from "./persistence/postgres/index.ts";

export { type Admission, type Caller, type Gateway, createGateway } from "./websocket/index.ts";
