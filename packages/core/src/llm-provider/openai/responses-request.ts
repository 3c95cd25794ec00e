import type { FunctionTool, ResponseCreateParamsStreaming, ResponseInputItem } from "openai/resources/responses/responses";
import type { ModelCall, ModelMessage, ModelRequest, ModelTool, UserContent } from "../language-model.ts";
import { resultText } from "../wire/message-text.ts";
import { isObject } from "../wire/json.ts";
import type { OpenAiDialect } from "./dialect.ts";

/** The body of a Responses call. Nothing is stored at the provider. */
export function encodeResponsesRequest(request: ModelRequest, dialect: OpenAiDialect): ResponseCreateParamsStreaming {
  return {
    model: dialect.model,
    stream: true,
    store: false,
    input: request.messages.flatMap(inputItems),
    ...(request.system === "" ? {} : { instructions: request.system }),
    ...(request.tools === undefined || request.tools.length === 0 ? {} : { tools: request.tools.map(functionTool) }),
    ...(request.maxOutputTokens === undefined ? {} : { max_output_tokens: request.maxOutputTokens }),
    ...(request.temperature === undefined || !dialect.temperature ? {} : { temperature: request.temperature }),
    ...(request.cacheKey === undefined || !dialect.official ? {} : { prompt_cache_key: request.cacheKey }),
    ...(dialect.reasoningSummaries ? { reasoning: { summary: "auto" } } : {}),
  };
}

function inputItems(message: ModelMessage): ResponseInputItem[] {
  if (message.role === "user") return [{ role: "user", content: message.content.map(inputContent) }];
  if (message.role === "tool") return [{ type: "function_call_output", call_id: message.callId, output: resultText(message) }];
  const text: ResponseInputItem[] = message.text === "" ? [] : [{ role: "assistant", content: message.text }];
  return [...text, ...(message.calls ?? []).map(callItem)];
}

function callItem(call: ModelCall): ResponseInputItem {
  return { type: "function_call", call_id: call.id, name: call.name, arguments: call.argumentsText };
}

function inputContent(content: UserContent) {
  return content.type === "text"
    ? { type: "input_text" as const, text: content.text }
    : { type: "input_image" as const, detail: "auto" as const, image_url: `data:${content.mediaType};base64,${content.base64}` };
}

/** Not strict: strict schemas allow neither optional parameters nor open objects. */
function functionTool(tool: ModelTool): FunctionTool {
  const parameters = isObject(tool.parameters) ? { ...tool.parameters } : { type: "object" };
  return { type: "function", name: tool.name, description: tool.description, parameters, strict: false };
}
