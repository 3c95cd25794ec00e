import type {
  ChatCompletionContentPart,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from "openai/resources/chat/completions/completions";
import type { ModelCall, ModelMessage, ModelRequest, ModelTool, UserContent } from "../language-model.ts";
import { isObject } from "../wire/json.ts";
import { resultText } from "../wire/message-text.ts";
import type { OpenAiDialect } from "./dialect.ts";

/** The body of a Chat Completions call. */
export function encodeChatRequest(request: ModelRequest, dialect: OpenAiDialect): ChatCompletionCreateParamsStreaming {
  return {
    model: dialect.model,
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      ...(request.system === "" ? [] : [{ role: "system" as const, content: request.system }]),
      ...request.messages.map(chatMessage),
    ],
    ...(request.tools === undefined || request.tools.length === 0 ? {} : { tools: request.tools.map(chatTool) }),
    ...outputLimit(request.maxOutputTokens, dialect),
    ...(request.temperature === undefined || !dialect.temperature ? {} : { temperature: request.temperature }),
    ...(request.cacheKey === undefined || !dialect.official ? {} : { prompt_cache_key: request.cacheKey }),
  };
}

/** OpenAI's reasoning models refuse the old name, many compatible servers do not know the new one. */
function outputLimit(tokens: number | undefined, dialect: OpenAiDialect) {
  if (tokens === undefined) return {};
  return dialect.official ? { max_completion_tokens: tokens } : { max_tokens: tokens };
}

function chatMessage(message: ModelMessage): ChatCompletionMessageParam {
  if (message.role === "user") return { role: "user", content: userContent(message.content) };
  if (message.role === "tool") return { role: "tool", tool_call_id: message.callId, content: resultText(message) };
  return assistantMessage(message.text, message.calls ?? []);
}

/** Plain text as a plain string: some servers take nothing else. */
function userContent(content: readonly UserContent[]): string | ChatCompletionContentPart[] {
  const texts = content.map((part) => (part.type === "text" ? part.text : null));
  return texts.includes(null) ? content.map(contentPart) : texts.join("\n");
}

function contentPart(content: UserContent): ChatCompletionContentPart {
  return content.type === "text"
    ? { type: "text", text: content.text }
    : { type: "image_url", image_url: { url: `data:${content.mediaType};base64,${content.base64}` } };
}

function assistantMessage(text: string, calls: readonly ModelCall[]): ChatCompletionMessageParam {
  if (calls.length === 0) return { role: "assistant", content: text };
  const toolCalls = calls.map((call) => ({
    id: call.id,
    type: "function" as const,
    function: { name: call.name, arguments: call.argumentsText },
  }));
  return { role: "assistant", content: text === "" ? null : text, tool_calls: toolCalls };
}

function chatTool(tool: ModelTool): ChatCompletionTool {
  const parameters = isObject(tool.parameters) ? { ...tool.parameters } : { type: "object" };
  return { type: "function", function: { name: tool.name, description: tool.description, parameters } };
}
