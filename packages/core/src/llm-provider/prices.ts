import type { Usage } from "@orquestra/protocol";

/** US dollars per million tokens. */
export interface Price {
  readonly input: number;
  /** Input found in the provider's cache. */
  readonly cachedInput: number;
  readonly output: number;
  /** Input written into the cache; absent: as other input. */
  readonly cacheWrite?: number;
  /** Longest prompt it holds for, in tokens; a longer one has another price, or one that nobody knows. */
  readonly upTo?: number;
}

/** Prices by `provider/model`; a longer prompt's price stands behind that of a shorter one. */
export type PriceTable = { readonly [model: string]: readonly Price[] };

const longPrompt = 272_000;
const gpt = (input: number, cachedInput: number, output: number): Price => ({ input, cachedInput, output });
const short = (price: Price): Price => ({ ...price, upTo: longPrompt });
/** Writing into Anthropic's cache costs a quarter more than reading new text; so it does at OpenAI since gpt-5.6. */
const written = (input: number, cachedInput: number, output: number): Price => ({
  ...gpt(input, cachedInput, output),
  cacheWrite: input * 1.25,
});

/**
 * November 2026. Only what at least two public pages of September to November 2026 agree on, the vendors' own among them where
 * they could be read (for OpenAI: price lists of a router and of three usage meters; for Anthropic: its pricing and model pages
 * and two usage meters). Where they differ (gpt-5.6-sol, gpt-5.6-luna), and for prompts over 272,000 tokens at OpenAI, no
 * price is given: then no cost is shown. Standard tier, cache kept for five minutes.
 */
export const knownPrices: PriceTable = {
  "openai/gpt-6.1-sol": [short(written(2, 0.1, 10))],
  "openai/gpt-6.1-terra": [short(written(1, 0.05, 5))],
  "openai/gpt-6-astra": [short(gpt(10, 1, 50))],
  "openai/gpt-6-sol": [short(written(2, 0.2, 10))],
  "openai/gpt-6-luna": [short(written(0.1, 0.01, 0.5))],
  "openai/gpt-5.6-terra": [short(written(2, 0.2, 12))],
  "openai/gpt-5.5": [short(gpt(5, 0.5, 30))],
  "openai/gpt-5.4": [short(gpt(2.5, 0.25, 15))],
  "openai/gpt-5.4-mini": [gpt(0.75, 0.075, 4.5)],
  "openai/gpt-5.4-nano": [gpt(0.2, 0.02, 1.25)],
  "openai/gpt-5.2": [gpt(1.75, 0.175, 14)],
  "openai/gpt-5-mini": [gpt(0.25, 0.025, 2)],
  "openai/gpt-4.1": [gpt(2, 0.5, 8)],
  "anthropic/claude-fable-5-1": [written(10, 0.25, 50)],
  "anthropic/claude-fable-5": [written(10, 1, 50)],
  "anthropic/claude-opus-5-5": [written(4, 0.2, 20)],
  "anthropic/claude-opus-5": [written(5, 0.5, 25)],
  "anthropic/claude-opus-4-8": [written(5, 0.5, 25)],
  "anthropic/claude-opus-4-7": [written(5, 0.5, 25)],
  "anthropic/claude-opus-4-6": [written(5, 0.5, 25)],
  "anthropic/claude-opus-4-5": [written(5, 0.5, 25)],
  "anthropic/claude-sonnet-5-5": [written(2, 0.1, 10)],
  "anthropic/claude-sonnet-5": [written(2, 0.2, 10)],
  "anthropic/claude-sonnet-4-6": [written(3, 0.3, 15)],
  "anthropic/claude-sonnet-4-5": [written(3, 0.3, 15)],
  "anthropic/claude-haiku-5-5": [{ ...written(0.1, 0.01, 0.5), upTo: 100_000 }, written(0.5, 0.05, 2.5)],
  "anthropic/claude-haiku-4-5": [written(1, 0.1, 5)],
};

// `gpt-5.5-2026-04-23` costs what `gpt-5.5` does; `gpt-5.5-pro` does not.
const dated = /-(\d{4}-\d{2}-\d{2}|\d{8}|latest)$/;

/** The prices of a model by its id or that of its undated sibling, the person's own before the known ones; null: not known. */
export function pricesOf(id: string, own: PriceTable = {}): readonly Price[] | null {
  const undated = id.replace(dated, "");
  return own[id] ?? own[undated] ?? knownPrices[id] ?? knownPrices[undated] ?? null;
}

/** What no call costs more than, by the million tokens. */
export function dearestOf(prices: readonly Price[]): { readonly input: number; readonly output: number } {
  const input = prices.map((price) => Math.max(price.input, price.cacheWrite ?? 0));
  return { input: Math.max(...input), output: Math.max(...prices.map(({ output }) => output)) };
}

/** US dollars of one call; null where the prompt is longer than any price holds for. */
export function costOf(prices: readonly Price[], usage: Usage): number | null {
  const { inputTokens, outputTokens, cachedInputTokens: cached = 0, cacheWriteTokens: wrote = 0 } = usage;
  const price = prices.find(({ upTo }) => upTo === undefined || inputTokens <= upTo);
  if (price === undefined) return null;
  const fresh = Math.max(0, inputTokens - cached - wrote);
  const input = fresh * price.input + cached * price.cachedInput + wrote * (price.cacheWrite ?? price.input);
  return (input + outputTokens * price.output) / 1_000_000;
}
