import type { LanguageModel, ModelPart } from "@orquestra/core";
import { z } from "zod";

/** One user message, five independent tool calls, an answer of 200 tokens. */
export const question = "Compare these five cities.";
export const cities: readonly string[] = ["Oslo", "Lima", "Quito", "Hanoi", "Accra"];
export const answerTokens: readonly string[] = Array.from({ length: 200 }, (_, index) => ` w${String(index).padStart(3, "0")}`);
export const answer = answerTokens.join("");

export const cityInput = z.object({ city: z.string() });
export const cityOutput = z.object({ city: z.string(), population: z.number() });
export async function lookUp({ city }: z.infer<typeof cityInput>): Promise<z.infer<typeof cityOutput>> {
  return { city, population: city.length * 100_000 };
}

const plan = `\`\`\`plan\n${cities.map((city, index) => `${index + 1}. city_facts("${city}")`).join("\n")}\n\`\`\`\n`;
const planParts = (plan.match(/.{1,4}/gsu) ?? []).map(textPart);
const callParts = cities.map((city, index): readonly ModelPart[] => [
  { type: "call", call: { id: `call_${index + 1}`, name: "city_facts", argumentsText: JSON.stringify({ city }) } },
]);
const answerParts = answerTokens.map(textPart);

/** A model in this process that answers at once, token by token: first the calls, then the answer. */
export function instantModel(writes: "plan" | "calls"): LanguageModel {
  const first = writes === "plan" ? planParts : callParts;
  return {
    id: "bench/instant",
    provider: "bench",
    capabilities: { contextWindow: 128_000, maxOutputTokens: 16_000, tools: true, images: false },
    async *stream({ messages }) {
      const answers = messages.some(({ role }) => role === "assistant");
      yield* answers ? answerParts : first;
      yield [{ type: "end", reason: answers || writes === "plan" ? "stop" : "calls" }];
    },
  };
}

function textPart(text: string): readonly ModelPart[] {
  return [{ type: "text", text }];
}
