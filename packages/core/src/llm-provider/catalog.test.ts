import { describe, expect, it } from "vitest";
import { scriptedModel } from "../testing/index.ts";
import { createAnthropicModel } from "./anthropic/index.ts";
import { capabilitiesOf } from "./model-table.ts";
import { type ProviderEntry, createFallbackChain, createModelCatalog } from "./index.ts";
import { createOpenAiModel } from "./openai/index.ts";

function entry(provider: string, more: Partial<ProviderEntry> = {}): ProviderEntry {
  const create = (model: string) => scriptedModel([], { id: `${provider}/${model}` });
  return { provider, models: ["large", "small"], available: true, create, ...more };
}

const catalog = createModelCatalog({
  defaultModel: "openai/large",
  providers: [
    entry("openai", { hint: "key in OPENAI_API_KEY" }),
    entry("anthropic", { available: false, hint: "Set ANTHROPIC_API_KEY." }),
    entry("demo", { models: ["demo"], demo: true }),
  ],
});

describe("the model catalog", () => {
  it("resolves provider/model, also with slashes in the model and for models it does not list", () => {
    expect(catalog.resolve("openai/small").id).toBe("openai/small");
    expect(catalog.resolve("openai/meta/llama-4").id).toBe("openai/meta/llama-4");
  });

  it("makes every model once", () => {
    expect(catalog.resolve("openai/large")).toBe(catalog.resolve("openai/large"));
  });

  it("takes a provider's name alone for its first model", () => {
    expect(catalog.resolve("demo").id).toBe("demo/demo");
    expect(catalog.resolve("openai").id).toBe("openai/large");
  });

  it("makes a chain of a list, of those that are available", () => {
    expect(catalog.resolve("openai/large, openai/small").id).toBe("openai/large,openai/small");
    expect(catalog.resolve("anthropic/large,openai/small").id).toBe("openai/small");
  });

  it.each(["", "gpt-5", "google/gemini", "openai/", "openai/large,nobody/x"])("refuses %j, naming the providers", (id) => {
    expect(() => catalog.resolve(id)).toThrowError(expect.objectContaining({ kind: "invalid_request" }));
    expect(() => catalog.resolve(id)).toThrowError("openai, anthropic, demo");
  });

  it("tells what is missing for a provider that is not set up", () => {
    expect(() => catalog.resolve("anthropic/large")).toThrowError(expect.objectContaining({ kind: "auth" }));
    expect(() => catalog.resolve("anthropic/large")).toThrowError("anthropic is not set up: Set ANTHROPIC_API_KEY.");
  });

  it("lists every offer as settings write it", async () => {
    expect(await catalog.list()).toEqual([
      { model: "openai/large", provider: "openai", available: true, hint: "key in OPENAI_API_KEY" },
      { model: "openai/small", provider: "openai", available: true, hint: "key in OPENAI_API_KEY" },
      { model: "anthropic/large", provider: "anthropic", available: false, hint: "Set ANTHROPIC_API_KEY." },
      { model: "anthropic/small", provider: "anthropic", available: false, hint: "Set ANTHROPIC_API_KEY." },
      { model: "demo", provider: "demo", available: true, demo: true },
    ]);
  });
});

describe("the table of limits", () => {
  it.each([
    ["gpt-5.4-mini-2026-03-17", 400_000],
    ["gpt-5.4", 1_050_000],
    ["gpt-4o-mini", 128_000],
    ["claude-haiku-4-5-20251001", 200_000],
    ["anthropic/claude-opus-5-5", 1_000_000],
    ["claude-3-opus", 200_000],
    ["qwen3:8b", 32_768],
  ])("gives %s its window by the longest name that fits", (model, contextWindow) => {
    expect(capabilitiesOf(model, {}, { tools: true, images: false }).contextWindow).toBe(contextWindow);
  });
});

describe("the way a model is asked to plan", () => {
  it.each([
    ["gpt-5.4-mini", true, "lines"],
    ["anthropic/claude-opus-5", true, "lines"],
    ["qwen3:8b", true, "tools"],
    ["qwen3:8b", false, "lines"],
  ])("%s with native calls %s: %s", (model, tools, format) => {
    expect(capabilitiesOf(model, { tools }, { tools: true, images: false }).planFormat).toBe(format);
  });

  it("is a capability of every model over a wire, unless it is made with another", () => {
    const local = { id: "compatible/x", provider: "compatible", model: "x", baseUrl: "http://127.0.0.1:9", api: "chat" } as const;
    expect(createOpenAiModel(local).capabilities.planFormat).toBe("tools");
    expect(createOpenAiModel({ ...local, tools: false }).capabilities.planFormat).toBe("lines");
    expect(createOpenAiModel({ ...local, planFormat: "json" }).capabilities.planFormat).toBe("json");
    const claude = createAnthropicModel({ id: "anthropic/claude-opus-5", model: "claude-opus-5", apiKey: "made-up-key" });
    expect(claude.capabilities.planFormat).toBe("lines");
  });

  it("is that of the first of a chain", () => {
    const [lines, tools] = (["lines", "tools"] as const).map((planFormat) => scriptedModel([], { capabilities: { planFormat } }));
    if (lines === undefined || tools === undefined) throw new Error("there are two");
    expect(createFallbackChain([lines, tools]).capabilities.planFormat).toBe("lines");
    expect(createFallbackChain([tools, lines]).capabilities.planFormat).toBe("tools");
    expect(createFallbackChain([scriptedModel([]), tools]).capabilities.planFormat).toBeUndefined();
  });
});
