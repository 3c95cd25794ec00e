/** How much a model can take, in tokens. */
export interface ModelLimits {
  /** Prompt and answer together. */
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
}

/**
 * [prefix, window, output]; a prefix stands for its dated and sized siblings, the longest match wins. November 2026.
 * From the vendors' public model pages: gpt-5.5, gpt-5.6, every Claude. From pages of routers and clouds that agree with each
 * other: gpt-4o, gpt-4.1, o3, o4-mini, gpt-5 to 5.4 and its mini. Assumed like its siblings: gpt-5.4-nano and the `chat` variants
 * of 5.2 and 5.3. The last line, for any other Claude, is the smallest of those still served.
 */
const known: readonly (readonly [prefix: string, contextWindow: number, maxOutputTokens: number])[] = [
  ["gpt-5.6", 1_050_000, 128_000],
  ["gpt-5.5", 1_050_000, 128_000],
  ["gpt-5.4", 1_050_000, 128_000],
  ["gpt-5.4-mini", 400_000, 128_000],
  ["gpt-5.4-nano", 400_000, 128_000],
  ["gpt-5", 400_000, 128_000],
  ["gpt-5-chat", 128_000, 16_000],
  ["gpt-5.1-chat", 128_000, 16_000],
  ["gpt-5.2-chat", 128_000, 16_000],
  ["gpt-5.3-chat", 128_000, 16_000],
  ["gpt-4.1", 1_047_576, 32_768],
  ["gpt-4o", 128_000, 16_384],
  ["o3", 200_000, 100_000],
  ["o4-mini", 200_000, 100_000],
  ["claude-fable-5", 1_000_000, 128_000],
  ["claude-mythos-5", 1_000_000, 128_000],
  ["claude-opus-5", 1_000_000, 128_000],
  ["claude-sonnet-5", 1_000_000, 128_000],
  ["claude-haiku-5", 1_000_000, 128_000],
  ["claude-opus-4-6", 1_000_000, 128_000],
  ["claude-opus-4-7", 1_000_000, 128_000],
  ["claude-opus-4-8", 1_000_000, 128_000],
  ["claude-sonnet-4-6", 1_000_000, 128_000],
  ["claude-sonnet-4-5", 200_000, 64_000],
  ["claude-haiku-4-5", 200_000, 64_000],
  ["claude-", 200_000, 32_000],
];

/**
 * A guess on the safe side: too small costs an early compaction, too large a refused call. Local servers decide the window
 * themselves, often a small one whatever the model could take; set `contextWindow` for them.
 */
const unknownModel: ModelLimits = { contextWindow: 32_768, maxOutputTokens: 4_096 };

/** The limits of a model by its name; a vendor before a slash, as routers write it, is ignored. */
export function limitsOf(model: string): ModelLimits {
  return knownLimitsOf(model) ?? unknownModel;
}

/** Null for a model that is not in the table. */
export function knownLimitsOf(model: string): ModelLimits | null {
  const name = model.slice(model.lastIndexOf("/") + 1);
  const matches = known.filter(([prefix]) => name.startsWith(prefix));
  const best = matches.toSorted(([a], [b]) => b.length - a.length)[0];
  return best === undefined ? null : { contextWindow: best[1], maxOutputTokens: best[2] };
}
