import { describe, expect, it } from "vitest";
import { encodeMessagesRequest } from "./anthropic/messages-request.ts";
import type { ModelRequest } from "./language-model.ts";
import { encodeChatRequest } from "./openai/chat-request.ts";
import { dialectOf } from "./openai/dialect.ts";
import { encodeResponsesRequest } from "./openai/responses-request.ts";

const parameters = { type: "object", properties: { path: { type: "string" } }, required: ["path"] };

const conversation: ModelRequest = {
  system: "You are a test.",
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "What is on it?" },
        { type: "image", mediaType: "image/png", base64: "aW1hZ2U=" },
      ],
    },
    {
      role: "assistant",
      text: "I will look.",
      calls: [
        { id: "call_a", name: "read", argumentsText: '{"path":"a.ts"}' },
        { id: "call_b", name: "read", argumentsText: "path: b.ts" },
      ],
    },
    { role: "tool", callId: "call_a", name: "read", text: "const a = 1;", failed: false },
    { role: "tool", callId: "call_b", name: "read", text: "no such file", failed: true },
    { role: "assistant", text: "One of them is there." },
    { role: "user", content: [{ type: "text", text: "Thanks." }] },
  ],
  tools: [{ name: "read", description: "Reads a file.", parameters }],
  maxOutputTokens: 500,
  temperature: 0.2,
  cacheKey: "session-1",
};
const bare: ModelRequest = { system: "", messages: [{ role: "user", content: [{ type: "text", text: "Hi." }] }] };

const openai = dialectOf({ provider: "openai", model: "gpt-5.4" });
const compatible = dialectOf({ provider: "compatible", model: "llama" });

describe("a Responses request", () => {
  it("holds the whole conversation, and stores nothing at the provider", () => {
    expect(encodeResponsesRequest(conversation, openai)).toEqual({
      model: "gpt-5.4",
      stream: true,
      store: false,
      instructions: "You are a test.",
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: "What is on it?" },
            { type: "input_image", detail: "auto", image_url: "data:image/png;base64,aW1hZ2U=" },
          ],
        },
        { role: "assistant", content: "I will look." },
        { type: "function_call", call_id: "call_a", name: "read", arguments: '{"path":"a.ts"}' },
        { type: "function_call", call_id: "call_b", name: "read", arguments: "path: b.ts" },
        { type: "function_call_output", call_id: "call_a", output: "const a = 1;" },
        { type: "function_call_output", call_id: "call_b", output: "Failed: no such file" },
        { role: "assistant", content: "One of them is there." },
        { role: "user", content: [{ type: "input_text", text: "Thanks." }] },
      ],
      tools: [{ type: "function", name: "read", description: "Reads a file.", parameters, strict: false }],
      max_output_tokens: 500,
      prompt_cache_key: "session-1",
    });
  });

  it("leaves out what is not asked for", () => {
    const input = [{ role: "user", content: [{ type: "input_text", text: "Hi." }] }];
    expect(encodeResponsesRequest(bare, openai)).toEqual({ model: "gpt-5.4", stream: true, store: false, input });
  });

  it("asks for summaries of the reasoning only where that is switched on", () => {
    const summaries = dialectOf({ provider: "openai", model: "gpt-5.4", reasoningSummaries: true });
    expect(encodeResponsesRequest(bare, summaries)).toMatchObject({ reasoning: { summary: "auto" } });
  });
});

describe("a Chat Completions request", () => {
  it("holds the whole conversation, and asks for the usage", () => {
    expect(encodeChatRequest(conversation, openai)).toEqual({
      model: "gpt-5.4",
      stream: true,
      stream_options: { include_usage: true },
      messages: [
        { role: "system", content: "You are a test." },
        {
          role: "user",
          content: [
            { type: "text", text: "What is on it?" },
            { type: "image_url", image_url: { url: "data:image/png;base64,aW1hZ2U=" } },
          ],
        },
        {
          role: "assistant",
          content: "I will look.",
          tool_calls: [
            { id: "call_a", type: "function", function: { name: "read", arguments: '{"path":"a.ts"}' } },
            { id: "call_b", type: "function", function: { name: "read", arguments: "path: b.ts" } },
          ],
        },
        { role: "tool", tool_call_id: "call_a", content: "const a = 1;" },
        { role: "tool", tool_call_id: "call_b", content: "Failed: no such file" },
        { role: "assistant", content: "One of them is there." },
        { role: "user", content: "Thanks." },
      ],
      tools: [{ type: "function", function: { name: "read", description: "Reads a file.", parameters } }],
      max_completion_tokens: 500,
      prompt_cache_key: "session-1",
    });
  });

  it("says to compatible servers what they understand: the old limit, a temperature, no cache key", () => {
    const body = encodeChatRequest(conversation, compatible);
    expect(body).toMatchObject({ max_tokens: 500, temperature: 0.2 });
    expect(Object.keys(body)).not.toContain("prompt_cache_key");
    expect(Object.keys(body)).not.toContain("max_completion_tokens");
  });

  it("sends OpenAI a temperature only for models that take one", () => {
    const older = dialectOf({ provider: "openai", model: "gpt-4.1-mini" });
    expect(encodeChatRequest(conversation, older)).toMatchObject({ temperature: 0.2 });
    expect(Object.keys(encodeChatRequest(conversation, openai))).not.toContain("temperature");
  });
});

describe("a Messages request", () => {
  const target = { model: "claude-sonnet-5-5", maxOutputTokens: 64_000 };
  const cached = { cache_control: { type: "ephemeral" } };

  it("holds the whole conversation, results of a round together, and marks what stays the same", () => {
    expect(encodeMessagesRequest(conversation, target)).toEqual({
      model: "claude-sonnet-5-5",
      stream: true,
      max_tokens: 500,
      system: [{ type: "text", text: "You are a test.", ...cached }],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is on it?" },
            { type: "image", source: { type: "base64", media_type: "image/png", data: "aW1hZ2U=" } },
          ],
        },
        {
          role: "assistant",
          content: [
            { type: "text", text: "I will look." },
            { type: "tool_use", id: "call_a", name: "read", input: { path: "a.ts" } },
            { type: "tool_use", id: "call_b", name: "read", input: { text: "path: b.ts" } },
          ],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "call_a", content: [{ type: "text", text: "const a = 1;" }] },
            {
              type: "tool_result",
              tool_use_id: "call_b",
              content: [{ type: "text", text: "no such file" }],
              is_error: true,
              ...cached,
            },
          ],
        },
        { role: "assistant", content: [{ type: "text", text: "One of them is there." }] },
        { role: "user", content: [{ type: "text", text: "Thanks.", ...cached }] },
      ],
      tools: [{ name: "read", description: "Reads a file.", input_schema: parameters, ...cached }],
    });
  });

  it("leaves the conversation unmarked outside a session, and takes the model's own limit", () => {
    const messages = [{ role: "user", content: [{ type: "text", text: "Hi." }] }];
    expect(encodeMessagesRequest(bare, target)).toEqual({
      model: "claude-sonnet-5-5",
      stream: true,
      max_tokens: 64_000,
      messages,
    });
  });

  it("never sends what the API refuses: empty texts, empty messages, images of other types", () => {
    const messages: ModelRequest["messages"] = [
      { role: "user", content: [{ type: "image", mediaType: "image/svg+xml", base64: "PHN2Zz4=" }] },
      { role: "assistant", text: "" },
      { role: "user", content: [{ type: "text", text: "" }] },
      { role: "user", content: [{ type: "text", text: "And?" }] },
    ];
    const body = encodeMessagesRequest({ system: "", messages }, target);
    expect(body.messages).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "(an image of type image/svg+xml, which cannot be shown to you)" },
          { type: "text", text: "And?" },
        ],
      },
    ]);
  });
});
