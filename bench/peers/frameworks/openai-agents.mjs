import { Agent, OpenAIChatCompletionsModel, Usage, run, setTracingDisabled, tool } from "@openai/agents";
import OpenAI from "openai";
import { z } from "zod";
import { answer, answerTokens, calls, lookUp, question, timedTools } from "../workload.mjs";

setTracingDisabled(true);

export async function overHttp(url, work) {
  const client = new OpenAI({ baseURL: url, apiKey: "sk-made-up-for-the-bench", maxRetries: 0 });
  const parameters = { type: "object", properties: {}, required: [], additionalProperties: true };
  const tools = timedTools.map((name) =>
    tool({
      name,
      description: name,
      parameters,
      strict: false,
      execute: (_input, _context, { toolCall }) => work(toolCall.callId),
    }),
  );
  const agent = new Agent({ name: "bench", model: new OpenAIChatCompletionsModel(client, "scripted"), tools });
  return (message) => read(agent, message);
}

export async function instant() {
  return async () => {
    let called = 0;
    const facts = tool({
      name: "city_facts",
      description: "Facts about a city.",
      parameters: z.object({ city: z.string() }),
      execute: async (input) => {
        called += 1;
        return lookUp(input);
      },
    });
    const agent = new Agent({ name: "bench", model: instantModel, tools: [facts] });
    const text = await read(agent, question);
    return { tools: called, text };
  };
}

async function read(agent, message) {
  const result = await run(agent, message, { stream: true, maxTurns: 50 });
  for await (const _ of result);
  await result.completed;
  return result.finalOutput ?? "";
}

const instantModel = {
  getResponse: () => Promise.reject(new Error("streams only")),
  async *getStreamedResponse({ input }) {
    const answers = typeof input !== "string" && input.some(({ type }) => type === "function_call_result");
    yield { type: "response_started" };
    if (answers) for (const delta of answerTokens) yield { type: "output_text_delta", delta };
    const message = {
      type: "message",
      id: "m",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: answer }],
    };
    const called = calls.map(({ id, name, args }) => ({
      type: "function_call",
      id,
      callId: id,
      name,
      status: "completed",
      arguments: JSON.stringify(args),
    }));
    const usage = new Usage({ inputTokens: 1, outputTokens: 1, totalTokens: 2 });
    yield { type: "response_done", response: { id: "r", usage, output: answers ? [message] : called } };
  },
};
