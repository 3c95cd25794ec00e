import { describe, expect, it } from "vitest";
import { SecretValue } from "../../../lib/secret-value.ts";
import { Redactor } from "../../../permissions/index.ts";
import { ToolError } from "../../../tools/index.ts";
import { countingTool, partsThrough, runThrough, scriptedModel, textOf } from "../middleware.fixture.ts";
import { redactTools, redactTurns } from "./redact.ts";

const secret = 'made-up/secret+"v4lue';
const redactor = new Redactor({ secrets: [new SecretValue("SHOP_KEY", secret)] });

describe("redaction around calls", () => {
  it("keeps secrets out of results and of the words of failures", async () => {
    const says = countingTool({ run: async () => ({ said: `the key is ${secret}` }) });
    expect(await runThrough([redactTools(redactor)], { tool: says.tool })).toEqual({ said: "the key is [secret SHOP_KEY]" });
    const failing = countingTool({
      run: () => Promise.reject(new ToolError("refused", `Not with ${secret}.`, { retryable: true })),
    });
    const failure: unknown = await runThrough([redactTools(redactor)], { tool: failing.tool }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "refused", message: "Not with [secret SHOP_KEY].", retryable: true });
    expect(Object(failure)).not.toHaveProperty("cause");
    const breaking = countingTool({ run: () => Promise.reject(new Error(secret)) });
    await expect(runThrough([redactTools(redactor)], { tool: breaking.tool })).rejects.toThrow(
      "The tool broke: [secret SHOP_KEY]",
    );
  });

  it("keeps them out of what a model is told, and out of what it says in whatever pieces", async () => {
    const pieces = `I know ${secret}. Really.`.split("");
    const model = scriptedModel([
      { text: pieces, reasoning: `Is it ${secret}?`, calls: [{ name: "say", arguments: { word: secret } }] },
    ]);
    const parts = await partsThrough([redactTurns(redactor)], model, { system: `The key is ${secret}.` });
    expect(JSON.stringify(model.requests)).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(model.requests[0]?.system).toBe("The key is [secret SHOP_KEY].");
    expect(textOf(parts)).toBe("I know [secret SHOP_KEY]. Really.");
    expect(parts[0]).toEqual({ type: "reasoning", text: "Is it [secret SHOP_KEY]?" });
    const call = parts.find(({ type }) => type === "call");
    expect(call).toMatchObject({ call: { argumentsText: '{"word":"[secret SHOP_KEY]"}' } });
    expect(parts.at(-1)).toEqual({ type: "end", reason: "calls" });
  });

  it("gives what was held back before the end is told", async () => {
    const parts = await partsThrough([redactTurns(redactor)], scriptedModel([{ text: "It was made" }]));
    expect(textOf(parts)).toBe("It was made");
    expect(parts.at(-1)).toEqual({ type: "end", reason: "stop" });
  });
});
