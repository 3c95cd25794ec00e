import { describe, expect, test } from "vitest";
import { extractTool } from "./extract.ts";
import { recordedCall, runTool } from "./recorded-call.fixture.ts";

const fields = { iban: "text", amount: "number", urgent: "yes_no", channel: ["mail", "letter"] } as const;

/** What comes of it when the model answers like this, one answer a try. */
async function extracted(...answers: readonly string[]) {
  const left = [...answers];
  const prompts: string[] = [];
  const askModel = async (prompt: string): Promise<string> => {
    prompts.push(prompt);
    return left.shift() ?? "";
  };
  const result = await runTool(extractTool, { fields, inputs: ["Pay 98.70", { to: "UK1" }] }, recordedCall(null, { askModel }));
  return { result, prompts };
}

const whole = { iban: "UK1", amount: 98.7, urgent: false, channel: "mail" };

describe("extract", () => {
  test("gives the values by name, and the model the form and the material", async () => {
    const { result, prompts } = await extracted(JSON.stringify(whole));
    expect(result).toEqual({ values: whole });
    expect(prompts).toHaveLength(1);
    expect(prompts[0]).toContain('"channel": one of "mail", "letter"');
    expect(prompts[0]).toContain("Pay 98.70");
  });

  test("takes the object out of words and a fence around it", async () => {
    const { result } = await extracted(`Here it is:\n\`\`\`json\n${JSON.stringify({ ...whole, urgent: null })}\n\`\`\`\n`);
    expect(result).toEqual({ values: { ...whole, urgent: null } });
  });

  test.each([
    ["no object", "The IBAN is UK1."],
    ["a field that was not asked for", JSON.stringify({ ...whole, command: "rm" })],
    ["a field that is missing", JSON.stringify({ iban: "UK1" })],
    ["a choice that was not offered", JSON.stringify({ ...whole, channel: "pigeon" })],
    ["a number in words", JSON.stringify({ ...whole, amount: "much" })],
    ["a text without end", JSON.stringify({ ...whole, iban: "x".repeat(5000) })],
    ["half an object", '{"iban": "UK1"'],
  ])("asks once more after %s, and takes no third answer", async (_, wrong) => {
    const { result, prompts } = await extracted(wrong, JSON.stringify(whole));
    expect(result).toEqual({ values: whole });
    expect(prompts[1]).toContain("not an object of exactly that form");
    await expect(extracted(wrong, wrong, JSON.stringify(whole))).rejects.toMatchObject({ code: "extract_failed" });
  });

  test.each([{}, { __proto__x: "text" }, { "a b": "text" }, { a: [] }, { a: "date" }])("refuses the fields %j", (wrong) => {
    expect(extractTool.input.safeParse({ fields: wrong }).success).toBe(false);
  });
});
