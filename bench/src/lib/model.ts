import { type LanguageModel, createAnthropicModel, createOpenAiModel, withRetries } from "@orquestra/core";

export type Wire = "chat" | "responses" | "messages";

export interface ModelAt {
  readonly wire: Wire;
  readonly model: string;
  /** With `/v1` at the end, or without: each wire gets the form it needs. */
  readonly url: string;
}

const key = "sk-made-up-for-the-bench";

/** Our adapter for a wire, at a server. */
export function modelAt({ wire, model, url }: ModelAt): LanguageModel {
  const origin = url.replace(/\/+$/, "").replace(/\/v1$/, "");
  if (wire === "messages") return createAnthropicModel({ id: `anthropic/${model}`, model, apiKey: key, baseUrl: origin });
  const provider = wire === "responses" ? "openai" : "compatible";
  return createOpenAiModel({ id: `${provider}/${model}`, provider, model, apiKey: key, baseUrl: `${origin}/v1`, api: wire });
}

/** The same as a server uses it: a kept connection that had just been closed costs a retry and no run. */
export function patientModelAt(place: ModelAt): LanguageModel {
  return withRetries(modelAt(place), { attempts: 3 });
}
