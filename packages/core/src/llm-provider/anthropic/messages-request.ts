import type {
  Base64ImageSource,
  ImageBlockParam,
  MessageCreateParamsStreaming,
  TextBlockParam,
  Tool,
  ToolResultBlockParam,
  ToolUseBlockParam,
} from "@anthropic-ai/sdk/resources/messages/messages";
import type { ModelCall, ModelMessage, ModelRequest, ModelTool, UserContent } from "../language-model.ts";
import { isObject, parseJson } from "../wire/json.ts";

type Block = TextBlockParam | ImageBlockParam | ToolUseBlockParam | ToolResultBlockParam;

interface Turn {
  readonly role: "user" | "assistant";
  readonly content: Block[];
}

const cached = { cache_control: { type: "ephemeral" } } as const;

/**
 * The body of a Messages call. Tools and instructions, the same in every turn, are cached prefixes; within a session the
 * conversation so far is another, found again by the mark that ended the call before. That makes four marks, which is the most
 * this vendor takes. A temperature is never sent: its current models refuse it.
 */
export function encodeMessagesRequest(
  request: ModelRequest,
  target: { readonly model: string; readonly maxOutputTokens: number },
): MessageCreateParamsStreaming {
  const turns = turnsOf(request.messages);
  return {
    model: target.model,
    stream: true,
    max_tokens: request.maxOutputTokens ?? target.maxOutputTokens,
    messages: request.cacheKey === undefined ? turns : cachedToHere(turns),
    ...(request.system === "" ? {} : { system: [{ type: "text", text: request.system, ...cached }] }),
    ...(request.tools === undefined || request.tools.length === 0 ? {} : { tools: cachedTools(request.tools) }),
  };
}

function cachedTools(tools: readonly ModelTool[]): Tool[] {
  return tools.map((tool, index) => ({ ...toolParam(tool), ...(index === tools.length - 1 ? cached : {}) }));
}

/** Turns of one side that follow each other become one: all results of a round belong into the message after its calls. */
function turnsOf(messages: readonly ModelMessage[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const role = message.role === "assistant" ? "assistant" : "user";
    const content = blocksOf(message);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else if (content.length > 0) turns.push({ role, content });
  }
  return turns;
}

function blocksOf(message: ModelMessage): Block[] {
  if (message.role === "user") return message.content.flatMap(userBlocks);
  if (message.role === "tool") return [resultBlock(message)];
  return [...textBlocks(message.text), ...(message.calls ?? []).map(callBlock)];
}

/** Empty text blocks are refused. */
function textBlocks(text: string): TextBlockParam[] {
  return text === "" ? [] : [{ type: "text", text }];
}

function userBlocks(content: UserContent): Block[] {
  if (content.type === "text") return textBlocks(content.text);
  if (!isImageType(content.mediaType)) return textBlocks(`(an image of type ${content.mediaType}, which cannot be shown to you)`);
  return [{ type: "image", source: { type: "base64", media_type: content.mediaType, data: content.base64 } }];
}

function isImageType(mediaType: string): mediaType is Base64ImageSource["media_type"] {
  return /^image\/(jpeg|png|gif|webp)$/.test(mediaType);
}

/** The input must be an object; what the model wrote otherwise goes back to it as it was. */
function callBlock(call: ModelCall): ToolUseBlockParam {
  const input = parseJson(call.argumentsText);
  return { type: "tool_use", id: call.id, name: call.name, input: isObject(input) ? input : { text: call.argumentsText } };
}

function resultBlock(message: Extract<ModelMessage, { readonly role: "tool" }>): ToolResultBlockParam {
  const content = textBlocks(message.text);
  return { type: "tool_result", tool_use_id: message.callId, content, ...(message.failed ? { is_error: true } : {}) };
}

/** Marks what the model is answering now, and what it answered last: the cache is looked for at marks, and a few blocks before. */
function cachedToHere(turns: readonly Turn[]): Turn[] {
  const marks = new Set(turns.filter(({ role }) => role === "user").slice(-2));
  return turns.map((turn) => (marks.has(turn) ? markedTurn(turn) : turn));
}

function markedTurn(turn: Turn): Turn {
  return { ...turn, content: [...turn.content.slice(0, -1), ...turn.content.slice(-1).map(marked)] };
}

function marked(block: Block): Block {
  return { ...block, ...cached };
}

function toolParam(tool: ModelTool): Tool {
  const schema = isObject(tool.parameters) ? tool.parameters : {};
  return { name: tool.name, description: tool.description, input_schema: { ...schema, type: "object" } };
}
