import type { ModelCall, ModelMessage, ModelTool } from "../llm-provider/index.ts";

/** What a message costs beside its text: role, separators. */
export const messageOverhead = 6;

/** Tokens of a text without knowing the model: four characters are one, rounded up. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Tokens of a whole prompt, the system text counting as a message. Images are not counted. */
export function estimatePrompt(system: string, messages: readonly ModelMessage[]): number {
  const costs = messages.map((message) => estimateTokens(textOf(message)) + messageOverhead + estimateCalls(callsOf(message)));
  return costs.reduce((sum, cost) => sum + cost, estimateTokens(system) + messageOverhead);
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
