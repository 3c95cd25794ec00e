import { createOpenAI } from "@ai-sdk/openai";
import { jsonSchema, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { answerTokens, calls, lookUp, question, timedTools } from "../workload.mjs";

export async function overHttp(url, work) {
  const model = createOpenAI({ baseURL: url, apiKey: "sk-made-up-for-the-bench" }).chat("scripted");
  const inputSchema = jsonSchema({ type: "object", additionalProperties: true });
  const timed = (name) => [name, tool({ description: name, inputSchema, execute: (_input, { toolCallId }) => work(toolCallId) })];
  const tools = Object.fromEntries(timedTools.map(timed));
  return (prompt) => read(streamText({ model, tools, prompt, stopWhen: stepCountIs(50), maxRetries: 0 }));
}

export async function instant() {
  return async () => {
    let called = 0;
    const city_facts = tool({
      description: "Facts about a city.",
      inputSchema: z.object({ city: z.string() }),
      execute: async (input) => {
        called += 1;
        return lookUp(input);
      },
    });
    const text = await read(
      streamText({ model: instantModel, tools: { city_facts }, prompt: question, stopWhen: stepCountIs(5) }),
    );
    return { tools: called, text };
  };
}

async function read(result) {
  for await (const part of result.fullStream) if (part.type === "error") throw part.error;
  return result.text;
}

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

const instantModel = {
  specificationVersion: "v3",
  provider: "bench",
  modelId: "instant",
  supportedUrls: {},
  doGenerate: () => Promise.reject(new Error("streams only")),
  doStream: async ({ prompt }) => {
    const answers = prompt.some(({ role }) => role === "assistant");
    const parts = answers
      ? [
          { type: "text-start", id: "0" },
          ...answerTokens.map((delta) => ({ type: "text-delta", id: "0", delta })),
          { type: "text-end", id: "0" },
        ]
      : calls.map(({ id, name, args }) => ({ type: "tool-call", toolCallId: id, toolName: name, input: JSON.stringify(args) }));
    const reason = answers ? "stop" : "tool-calls";
    const all = [
      { type: "stream-start", warnings: [] },
      ...parts,
      { type: "finish", finishReason: { unified: reason, raw: reason }, usage },
    ];
    return { stream: ReadableStream.from(all) };
  },
};
