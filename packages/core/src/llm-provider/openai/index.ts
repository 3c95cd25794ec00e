/** OpenAI and servers compatible with it. Opened by the composition root only. */
export { createOpenAiModel, type OpenAiModelOptions } from "./openai-model.ts";
