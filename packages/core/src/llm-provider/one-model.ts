import type { LanguageModel } from "./language-model.ts";
import type { ModelCatalog } from "./model-catalog.ts";

/** The catalog of an engine that has one model: whatever a session names, it is that. */
export function catalogOfOne(model: LanguageModel): ModelCatalog {
  return {
    defaultModel: model.id,
    resolve: () => model,
    list: () => Promise.resolve([{ model: model.id, provider: model.provider, available: true }]),
  };
}
