/** OpenAI and servers compatible with it. Opened by the composition root only. */
export { createOpenAiEmbedder, type OpenAiEmbedderOptions } from "./openai-embedder.ts";
export { createOpenAiModel, type OpenAiModelOptions } from "./openai-model.ts";
