import { describe, expect, it } from "vitest";
import { startWireServer } from "../testing/index.ts";
import { createAnthropicModel } from "./anthropic/index.ts";
import { catalogOfOne } from "./index.ts";
import { createOpenAiModel } from "./openai/index.ts";

describe("a model that is made of little", () => {
  it("is OpenAI's or Anthropic's with a name and a key", () => {
    const model = "made-up";
    const apiKey = "made-up-key";
    expect(createOpenAiModel({ model, apiKey })).toMatchObject({ id: "openai/made-up", provider: "openai" });
    expect(createAnthropicModel({ model, apiKey })).toMatchObject({ id: "anthropic/made-up", provider: "anthropic" });
  });

  it("is a compatible server's with an address, and speaks what those understand", async () => {
    const server = await startWireServer({ replies: [{ text: "Hello." }] });
    const model = createOpenAiModel({ model: "made-up", baseUrl: server.url });
    const parts: string[] = [];
    const request = { system: "", messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }] } as const;
    for await (const batch of model.stream(request, new AbortController().signal)) parts.push(...batch.map(({ type }) => type));
    expect(model).toMatchObject({ id: "compatible/made-up", provider: "compatible" });
    expect(server.requests).toMatchObject([{ path: "/v1/chat/completions" }]);
    expect(parts.at(-1)).toBe("end");
    await server.close();
  });

  it("is a catalog of one, whatever a session names", async () => {
    const model = createOpenAiModel({ model: "made-up", apiKey: "made-up-key" });
    const catalog = catalogOfOne(model);
    expect(catalog.defaultModel).toBe("openai/made-up");
    expect(catalog.resolve("anything")).toBe(model);
    expect(await catalog.list()).toEqual([{ model: "openai/made-up", provider: "openai", available: true }]);
  });
});
