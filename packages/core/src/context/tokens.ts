import type { ModelCall, ModelMessage, ModelTool } from "../llm-provider/index.ts";

/** What a message costs beside its text: role, separators. */
export const messageOverhead = 6;

/** Tokens of a text without knowing the model: four characters are one, rounded up. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Tokens of an image: what the vendors count for one of about a megapixel, to which they scale larger ones down. */
export const imageTokens = 1600;

/** Tokens of a whole prompt, the system text counting as a message. */
export function estimatePrompt(system: string, messages: readonly ModelMessage[]): number {
  const costs = messages.map(
    (message) => estimateTokens(textOf(message)) + messageOverhead + estimateCalls(callsOf(message)) + estimateImages(message),
  );
  return costs.reduce((sum, cost) => sum + cost, estimateTokens(system) + messageOverhead);
}

function estimateImages(message: ModelMessage): number {
  if (message.role !== "user") return 0;
  return message.content.filter(({ type }) => type === "image").length * imageTokens;
}

export function estimateCalls(calls: readonly ModelCall[]): number {
  return calls.reduce((sum, call) => sum + estimateTokens(`${call.id}${call.name}${call.argumentsText}`) + messageOverhead, 0);
}

export function estimateTools(tools: readonly ModelTool[]): number {
  return tools.length === 0 ? 0 : estimateTokens(JSON.stringify(tools));
}

function callsOf(message: ModelMessage): readonly ModelCall[] {
  return message.role === "assistant" ? (message.calls ?? []) : [];
}

function textOf(message: ModelMessage): string {
  if (message.role !== "user") return message.text;
  return message.content.map((content) => (content.type === "text" ? content.text : "")).join("");
}
