/** The model providers' door. */
export { brokenAdapter } from "./broken-adapter.ts";
export { type CatalogOptions, createModelCatalog, type ProviderEntry } from "./catalog.ts";
export { type Deadlines, defaultDeadlines, withDeadlines } from "./deadlines.ts";
export type { Embedder } from "./embedder.ts";
export { createFallbackChain } from "./fallback-chain.ts";
export {
  type EndReason,
  type LanguageModel,
  type ModelCall,
  type ModelCapabilities,
  ModelError,
  isAside,
  type ModelErrorKind,
  type ModelMessage,
  type ModelPart,
  type ModelRequest,
  type ModelTool,
  type UserContent,
} from "./language-model.ts";
export { Lane, type LaneLimits } from "./lane.ts";
export type { ModelCatalog, ModelChoice } from "./model-catalog.ts";
export { catalogOfOne } from "./one-model.ts";
export { ModelHealth, type RestTimes } from "./model-health.ts";
export type { Price, PriceTable } from "./prices.ts";
export { type RetryOptions, withRetries } from "./retry.ts";
export { type LaneManners, withLane } from "./with-lane.ts";
export { withPrices } from "./with-prices.ts";
