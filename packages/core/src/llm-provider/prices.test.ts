import { describe, expect, it } from "vitest";
import { scriptedModel, startWireServer } from "../testing/index.ts";
import { createFallbackChain, createModelCatalog, type LanguageModel, type ModelPart, ModelError, withPrices } from "./index.ts";
import { createAnthropicModel } from "./anthropic/index.ts";
import { costOf, knownPrices, pricesOf } from "./prices.ts";

const request = { system: "", messages: [] };

async function usageOf(model: LanguageModel): Promise<ModelPart | undefined> {
  const parts: ModelPart[] = [];
  for await (const batch of model.stream(request, new AbortController().signal)) parts.push(...batch);
  return parts.find(({ type }) => type === "usage");
}

const million = 1_000_000;

describe("a price", () => {
  it("counts cached, written and fresh input apart", () => {
    const prices = [{ input: 4, cachedInput: 1, output: 20, cacheWrite: 5 }];
    const usage = {
      inputTokens: 10 * million,
      outputTokens: million,
      cachedInputTokens: 6 * million,
      cacheWriteTokens: 2 * million,
    };
    expect(costOf(prices, usage)).toBe(2 * 4 + 6 + 2 * 5 + 20);
    expect(costOf([{ input: 4, cachedInput: 1, output: 20 }], usage)).toBe(4 * 4 + 6 + 20);
  });

  it("is that of the prompt's length, and unknown beyond the longest", () => {
    const haiku = pricesOf("anthropic/claude-haiku-5-5") ?? [];
    expect(costOf(haiku, { inputTokens: 100_000, outputTokens: 0 })).toBeCloseTo(0.01);
    expect(costOf(haiku, { inputTokens: 100_001, outputTokens: 0 })).toBeCloseTo(0.05);
    const gpt = pricesOf("openai/gpt-5.5") ?? [];
    expect(costOf(gpt, { inputTokens: 272_001, outputTokens: 1 })).toBeNull();
  });

  it("holds for dated siblings, and not for others of a similar name", () => {
    const gpt = knownPrices["openai/gpt-5.5"];
    expect(pricesOf("openai/gpt-5.5-2026-04-23")).toBe(gpt);
    expect(pricesOf("anthropic/claude-haiku-4-5-20251001")).toBe(knownPrices["anthropic/claude-haiku-4-5"]);
    for (const other of ["openai/gpt-5.5-pro", "openai/gpt-5.5-mini", "compatible/gpt-5.5", "demo"])
      expect(pricesOf(other)).toBeNull();
  });

  it("of a person's own goes before the known one", () => {
    const own = { "openai/gpt-5.5": [{ input: 1, cachedInput: 1, output: 1 }] };
    expect(pricesOf("openai/gpt-5.5-2026-04-23", own)).toBe(own["openai/gpt-5.5"]);
  });

  it("is plausible in every row: cached input costs less than new, output more, longer prompts stand behind", () => {
    for (const prices of Object.values(knownPrices)) {
      for (const { input, cachedInput, output } of prices) expect(cachedInput < input && input < output).toBe(true);
      expect(prices.slice(0, -1).every(({ upTo }) => upTo !== undefined)).toBe(true);
    }
  });
});

describe("usage", () => {
  it("comes with its cost where the price is known, over the wire", async () => {
    const usage = { inputTokens: 1000, outputTokens: 100, cachedInputTokens: 400 };
    const server = await startWireServer({ replies: () => ({ text: "Hello.", usage }) });
    const create = (model: string) =>
      withPrices(createAnthropicModel({ id: `anthropic/${model}`, model, apiKey: "made-up-key", baseUrl: server.anthropicUrl }));
    const cost = (600 * 2 + 400 * 0.1 + 100 * 10) / million;
    expect(await usageOf(create("claude-sonnet-5-5"))).toEqual({ type: "usage", usage, cost });
    expect(await usageOf(create("claude-of-tomorrow"))).toEqual({ type: "usage", usage });
    await server.close();
  });

  it("of a chain costs what the model that answered takes", async () => {
    const usage = { inputTokens: million, outputTokens: 0 };
    const overloaded = new ModelError("overloaded", "Busy.", { retryable: true });
    const first = scriptedModel([{ error: overloaded }], { id: "one/dear" });
    const second = scriptedModel([{ text: "Hi.", usage }], { id: "two/cheap" });
    const prices = {
      "one/dear": [{ input: 100, cachedInput: 1, output: 1 }],
      "two/cheap": [{ input: 1, cachedInput: 1, output: 1 }],
    };
    const entry = (provider: string, model: LanguageModel) => ({
      provider,
      models: [model.id.split("/")[1] ?? ""],
      available: true,
      create: () => model,
    });
    const providers = [entry("one", first), entry("two", second)];
    const catalog = createModelCatalog({ defaultModel: "one", providers, prices });
    expect(await usageOf(catalog.resolve("one/dear,two/cheap"))).toMatchObject({ cost: 1 });
    expect((await catalog.list()).map(({ priced }) => priced)).toEqual([true, true]);
    expect(createFallbackChain([first, second]).id).toBe("one/dear,two/cheap");
  });
});
