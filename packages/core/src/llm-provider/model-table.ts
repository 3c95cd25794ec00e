import type { PlanFormat } from "@orquestra/protocol";
import type { ModelCapabilities } from "./language-model.ts";

/** What is known of a model by its name. */
export interface KnownModel {
  /** Tokens of prompt and answer together; null where its server decides. */
  readonly contextWindow: number | null;
  readonly maxOutputTokens: number | null;
  readonly tools: boolean;
  readonly images: boolean;
  readonly reasoning: boolean;
}

type Row = readonly [prefix: string, contextWindow: number | null, maxOutputTokens: number | null, can: string];

/**
 * A prefix stands for its dated and sized siblings, the longest match wins. November 2026. T: native tools, I: images,
 * R: thinks before it answers.
 * From the vendors' public model pages: gpt-5.5, gpt-5.6, every Claude. From pages of routers and clouds that agree with each
 * other: gpt-4o, gpt-4.1, o3, o4-mini, gpt-5 to 5.4 and its mini, gpt-6 and 6.1. Assumed like its siblings: gpt-5.4-nano and the
 * `chat` variants of 5.2 and 5.3. The last Claude line, for any other, is the smallest of those still served. Open models stand
 * here for what they can look at; how much they take is decided by their server.
 */
const rows: readonly Row[] = [
  ["gpt-6", 1_050_000, 128_000, "TIR"],
  ["gpt-5.6", 1_050_000, 128_000, "TIR"],
  ["gpt-5.5", 1_050_000, 128_000, "TIR"],
  ["gpt-5.4", 1_050_000, 128_000, "TIR"],
  ["gpt-5.4-mini", 400_000, 128_000, "TIR"],
  ["gpt-5.4-nano", 400_000, 128_000, "TIR"],
  ["gpt-5", 400_000, 128_000, "TIR"],
  ["gpt-5-chat", 128_000, 16_000, "TI"],
  ["gpt-5.1-chat", 128_000, 16_000, "TI"],
  ["gpt-5.2-chat", 128_000, 16_000, "TI"],
  ["gpt-5.3-chat", 128_000, 16_000, "TI"],
  ["gpt-4.1", 1_047_576, 32_768, "TI"],
  ["gpt-4o", 128_000, 16_384, "TI"],
  ["o3", 200_000, 100_000, "TIR"],
  ["o4-mini", 200_000, 100_000, "TIR"],
  ["claude-fable-5", 1_000_000, 128_000, "TIR"],
  ["claude-mythos-5", 1_000_000, 128_000, "TIR"],
  ["claude-opus-5", 1_000_000, 128_000, "TIR"],
  ["claude-sonnet-5", 1_000_000, 128_000, "TIR"],
  ["claude-haiku-5", 1_000_000, 128_000, "TIR"],
  ["claude-opus-4-6", 1_000_000, 128_000, "TIR"],
  ["claude-opus-4-7", 1_000_000, 128_000, "TIR"],
  ["claude-opus-4-8", 1_000_000, 128_000, "TIR"],
  ["claude-sonnet-4-6", 1_000_000, 128_000, "TIR"],
  ["claude-sonnet-4-5", 200_000, 64_000, "TIR"],
  ["claude-haiku-4-5", 200_000, 64_000, "TIR"],
  ["claude-", 200_000, 32_000, "TI"],
  ["llava", null, null, "I"],
  ["llama3.2-vision", null, null, "I"],
  ["gemma3", null, null, "I"],
  ["minicpm-v", null, null, "I"],
  ["qwen2.5vl", null, null, "I"],
  ["moondream", null, null, "I"],
];

/**
 * A guess on the safe side: too small costs an early compaction, too large a refused call. Local servers decide the window
 * themselves, often a small one whatever the model could take; set `contextWindow` for them.
 */
const unknownLimits = { contextWindow: 32_768, maxOutputTokens: 4_096 };

/** What the table says of a model; null where it is not in it. A vendor before a slash, as routers write it, is ignored. */
export function knownModel(model: string): KnownModel | null {
  const name = model.slice(model.lastIndexOf("/") + 1);
  const matches = rows.filter(([prefix]) => name.startsWith(prefix));
  const best = matches.toSorted(([a], [b]) => b.length - a.length)[0];
  if (best === undefined) return null;
  const [, contextWindow, maxOutputTokens, can] = best;
  const [tools, images, reasoning] = [can.includes("T"), can.includes("I"), can.includes("R")];
  return { contextWindow, maxOutputTokens, tools, images, reasoning };
}

/** What a person set goes before the table, and the table before the guess. */
export type CapabilityOptions = { readonly [name in "contextWindow" | "maxOutputTokens"]?: number | undefined } & {
  readonly [name in "tools" | "images"]?: boolean | undefined;
} & { readonly planFormat?: PlanFormat | undefined };

export function capabilitiesOf(
  model: string,
  options: CapabilityOptions,
  otherwise: Pick<ModelCapabilities, "tools" | "images">,
): ModelCapabilities {
  const known = knownModel(model);
  const tools = options.tools ?? (otherwise.tools || known?.tools === true);
  return {
    contextWindow: options.contextWindow ?? known?.contextWindow ?? unknownLimits.contextWindow,
    maxOutputTokens: options.maxOutputTokens ?? known?.maxOutputTokens ?? unknownLimits.maxOutputTokens,
    tools,
    images: options.images ?? (otherwise.images || known?.images === true),
    ...(known === null ? {} : { reasoning: known.reasoning }),
    // Known ones write lines, the shortest form; of others it is only known that they were trained to call tools, where they can.
    planFormat: options.planFormat ?? (tools && known?.tools !== true ? "tools" : "lines"),
  };
}
