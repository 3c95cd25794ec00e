import { Anthropic } from "@anthropic-ai/sdk";
import { OpenAI } from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Reply, type WireServer, startWireServer } from "../testing/index.ts";

// The vendors' own clients, with their own decoders, read what our test server sends: it must look real to them.

const reply: Reply = {
  reasoning: "Let me think.",
  text: "Grüß dich 👋, I will look.",
  calls: [
    { id: "call_a", name: "search", arguments: { pattern: "TODO", paths: ["src", "ü"] } },
    { name: "now", arguments: {} },
  ],
  usage: { inputTokens: 120, outputTokens: 30, cachedInputTokens: 96 },
};
const messages = [{ role: "user" as const, content: "Go." }];

let server: WireServer;
beforeEach(async () => {
  server = await startWireServer({ replies: [reply] });
});
afterEach(() => server.close());

const openai = () => new OpenAI({ apiKey: "made-up", baseURL: server.url, maxRetries: 0 });
const anthropic = () => new Anthropic({ apiKey: "made-up", baseURL: server.anthropicUrl, maxRetries: 0 });

describe("the wire server, to the vendors' own clients", () => {
  it("streams Chat Completions", async () => {
    const stream = openai().chat.completions.stream({ model: "gpt-5.4", messages, stream_options: { include_usage: true } });
    const completion = await stream.finalChatCompletion();
    expect(completion.model).toBe("gpt-5.4");
    expect(completion.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: {
        content: reply.text,
        tool_calls: [
          { id: "call_a", function: { name: "search", arguments: '{"pattern":"TODO","paths":["src","ü"]}' } },
          { id: "call_2", function: { name: "now", arguments: "{}" } },
        ],
      },
    });
    expect(completion.usage).toMatchObject({
      prompt_tokens: 120,
      completion_tokens: 30,
      prompt_tokens_details: { cached_tokens: 96 },
    });
  });

  it("streams Responses", async () => {
    const seen: string[] = [];
    const stream = openai().responses.stream({ model: "gpt-5.4", input: "Go." });
    stream.on("event", (event) => seen.push(event.type));
    const response = await stream.finalResponse();
    expect(response.output_text).toBe(reply.text);
    expect(response.output.map((item) => item.type)).toEqual(["reasoning", "message", "function_call", "function_call"]);
    expect(response.usage).toMatchObject({ input_tokens: 120, output_tokens: 30, input_tokens_details: { cached_tokens: 96 } });
    expect(new Set(seen)).toContain("response.function_call_arguments.delta");
  });

  it("streams Messages", async () => {
    const stream = anthropic().messages.stream({ model: "claude-sonnet-5-5", max_tokens: 900, messages });
    const message = await stream.finalMessage();
    expect(message).toMatchObject({
      stop_reason: "tool_use",
      content: [
        { type: "thinking", thinking: "Let me think." },
        { type: "text", text: reply.text },
        { type: "tool_use", id: "call_a", name: "search", input: { pattern: "TODO", paths: ["src", "ü"] } },
        { type: "tool_use", id: "call_2", name: "now", input: {} },
      ],
      usage: { input_tokens: 24, cache_read_input_tokens: 96, output_tokens: 30 },
    });
  });

  it("answers without a stream, too", async () => {
    server.script([reply, reply, reply]);
    const completion = await openai().chat.completions.create({ model: "gpt-5.4", messages });
    expect(completion.choices[0]?.message.content).toBe(reply.text);
    const response = await openai().responses.create({ model: "gpt-5.4", input: "Go." });
    expect(response.output_text).toBe(reply.text);
    const message = await anthropic().messages.create({ model: "claude-sonnet-5-5", max_tokens: 900, messages });
    expect(message.content.map((block) => block.type)).toEqual(["thinking", "text", "tool_use", "tool_use"]);
    server.assertComplete();
  });

  it("refuses as the vendors do", async () => {
    server.script([
      { status: 401, error: { message: "No." } },
      { status: 429, headers: { "retry-after": "3" } },
      { status: 529, error: { message: "Busy." } },
    ]);
    await expect(openai().responses.create({ model: "gpt-5.4", input: "Go." })).rejects.toBeInstanceOf(
      OpenAI.AuthenticationError,
    );
    await expect(openai().chat.completions.create({ model: "gpt-5.4", messages })).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    const call = anthropic().messages.create({ model: "claude-sonnet-5-5", max_tokens: 900, messages });
    await expect(call).rejects.toMatchObject({ status: 529, type: "overloaded_error" });
  });

  it("lists its models", async () => {
    const { data } = await openai().models.list();
    expect(data.map((model) => model.id)).toEqual(["scripted"]);
  });
});
