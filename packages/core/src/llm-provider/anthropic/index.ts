/** Anthropic. Opened by the composition root only. */
export { type AnthropicModelOptions, createAnthropicModel } from "./anthropic-model.ts";
