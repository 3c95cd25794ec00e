import type { LaneLimits, PriceTable } from "@orquestra/core";
import { z } from "zod";

const entries = z.string().transform((text) => text.split(",").map((entry) => entry.trim()));
const amount = String.raw`\d+(?:\.\d+)?`;
const price = new RegExp(`^([\\w.-]+/[^=]+)=(${amount})/(${amount})/(${amount})$`);
const limit = /^(openai|anthropic|compatible)=(\d+)(?:\/(\d+)(?:\/(\d+))?)?$/;

/** `openai/gpt-5.5=5/0.5/30`: US dollars per million tokens of input, cached input and output. */
export const prices = entries
  .refine((items) => items.every((item) => price.test(item)), {
    error:
      "must be prices like openai/gpt-5.5=5/0.5/30 (US dollars per million tokens of input/cached input/output), parted by commas",
  })
  .transform((items): PriceTable => Object.fromEntries(items.map(priceOf)));

function priceOf(item: string): readonly [model: string, prices: PriceTable[string]] {
  const [, model = "", input, cachedInput, output] = price.exec(item) ?? [];
  return [model, [{ input: Number(input), cachedInput: Number(cachedInput), output: Number(output) }]];
}

export type ProviderLimits = { readonly [provider in "openai" | "anthropic" | "compatible"]?: LaneLimits };

/** `openai=8/500/200000`: calls at the same time, requests a minute, tokens a minute; 0 for no limit. */
export const modelLimits = entries
  .refine((items) => items.every((item) => limit.test(item)), {
    error: "must be limits like openai=8/500/200000 (calls at once/requests a minute/tokens a minute), parted by commas",
  })
  .transform((items): ProviderLimits => Object.fromEntries(items.map(limitsOf)));

function limitsOf(item: string): readonly [provider: string, limits: LaneLimits] {
  const [, provider = "", concurrent, requestsPerMinute, tokensPerMinute] = limit.exec(item) ?? [];
  const number = (text: string | undefined): number => Number(text ?? 0);
  const limits = { requestsPerMinute: number(requestsPerMinute), tokensPerMinute: number(tokensPerMinute) };
  return [provider, { concurrent: number(concurrent), ...limits }];
}

/** Where vectors of text come from. */
export type EmbeddingsSetting =
  | { readonly type: "none" }
  | { readonly type: "local" }
  | { readonly type: "compatible"; readonly model: string };

export const embeddings = z
  .string()
  .regex(/^(none|local|compatible\/.+)$/, "must be none, local or compatible/MODEL")
  .transform((text): EmbeddingsSetting => {
    if (text === "none" || text === "local") return { type: text };
    return { type: "compatible", model: text.slice("compatible/".length) };
  });

/** US dollars. */
export const costLimit = z
  .string()
  .regex(new RegExp(`^${amount}$`), "must be an amount of US dollars like 2.50; 0 for no limit")
  .transform(Number);
