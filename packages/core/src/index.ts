/** The engine's door. A new export here is public: add it on purpose. */
export { type Clock, isoTime, systemClock } from "./lib/clock.ts";
export { CommandError, OrquestraError, messageOf } from "./lib/error.ts";
export { newId } from "./lib/ids.ts";
export { type AnthropicModelOptions, createAnthropicModel } from "./llm-provider/anthropic/index.ts";
export {
  type LanguageModel,
  type ModelCatalog,
  type ModelChoice,
  ModelError,
  type ModelMessage,
  type ModelPart,
  type ModelRequest,
  type ProviderEntry,
  createModelCatalog,
  withRetries,
} from "./llm-provider/index.ts";
export { type OpenAiModelOptions, createOpenAiModel } from "./llm-provider/openai/index.ts";
export {
  type AttachRequest,
  type Attachment,
  type Engine,
  type EngineLog,
  type LiveFrame,
  type RunLimits,
  type WorkspaceRoots,
} from "./orchestrator/index.ts";
export { type WorkspaceTrust, fileWorkspaceTrust, inMemoryWorkspaceTrust } from "./permissions/index.ts";
export { openInMemoryStore } from "./persistence/in-memory/index.ts";
export { type Batch, type Change, type LoginRecord, type Store, StoreError, type UserRecord } from "./persistence/index.ts";
export { ToolError, type User } from "./tools/index.ts";
export { checkWorkspaceRoot } from "./tools/workspace/roots.ts";
export { type Admission, type Gateway, type GatewayLimits, type GatewayOptions, createGateway } from "./websocket/index.ts";
