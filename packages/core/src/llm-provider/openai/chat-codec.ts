import type { Usage } from "@orquestra/protocol";
import type { EndReason } from "../language-model.ts";
import { type CallList, addCallDelta, newCallList, takeAllCalls } from "./chat-calls.ts";
import {
  type DecodedPart,
  type DecodedParts,
  type StreamEnding,
  type WireCodec,
  endReason,
  nothing,
  textPart,
} from "../wire/codec.ts";
import { type WireObject, asCount, asList, asObject, asText, isObject } from "../wire/json.ts";

export interface ChatState {
  readonly calls: CallList;
  named: EndReason | null;
  refused: boolean;
  usage: Usage | null;
}

/** Chat Completions, as OpenAI and the many servers compatible with it stream it. */
export const chatCodec: WireCodec<ChatState> = {
  start: () => ({ calls: newCallList(), named: null, refused: false, usage: null }),
  decode: decodeChat,
  finish: finishChat,
};

function decodeChat(state: ChatState, event: WireObject): DecodedParts {
  if (isFailure(event)) return [{ type: "failed", body: event }];
  if (isObject(event["usage"])) state.usage = usageOf(event["usage"]);
  const choice = asList(event["choices"])[0];
  return isObject(choice) ? decodeChoice(state, choice) : nothing;
}

/** The usage comes after the finish reason, so the end waits for `[DONE]` or, where a server forgets it, the body's end. */
function finishChat(state: ChatState, ending: StreamEnding): DecodedParts {
  if (state.named === null && ending === "closed") return nothing;
  const parts = takeAllCalls(state.calls);
  if (state.usage !== null) parts.push({ type: "usage", usage: state.usage });
  const seen = { refused: state.refused, called: state.calls.count > 0 };
  parts.push({ type: "end", reason: endReason(state.named ?? "stop", seen) });
  return parts;
}

function decodeChoice(state: ChatState, choice: WireObject): DecodedParts {
  if (isFailure(choice) || choice["finish_reason"] === "error") return [{ type: "failed", body: choice }];
  const parts: DecodedPart[] = [];
  // A server that does not stream sends the whole message at once.
  decodeDelta(state, asObject(choice["delta"] ?? choice["message"]), parts);
  const finish = choice["finish_reason"];
  if (typeof finish === "string") {
    state.named = reasonOf(finish);
    if (state.named === "refusal") state.refused = true;
  }
  return parts;
}

function decodeDelta(state: ChatState, delta: WireObject, parts: DecodedPart[]): void {
  // Servers that name the reasoning twice mean it once.
  parts.push(...textPart("reasoning", asText(delta["reasoning"]) || delta["reasoning_content"]));
  parts.push(...contentParts(delta["content"]));
  if (asText(delta["refusal"]) !== "") state.refused = true;
  parts.push(...textPart("text", delta["refusal"]));
  for (const call of asList(delta["tool_calls"])) addCallDelta(state.calls, asObject(call), parts);
}

/** A text, or a list of texts and thoughts, as Mistral's reasoning models send it. */
function contentParts(content: unknown): DecodedParts {
  if (!Array.isArray(content)) return textPart("text", content);
  return asList(content).flatMap((piece) => {
    const { text, thinking } = asObject(piece);
    const thoughts = asList(thinking).flatMap((thought) => textPart("reasoning", asObject(thought)["text"]));
    return [...thoughts, ...textPart("text", text)];
  });
}

function isFailure(event: WireObject): boolean {
  const error = event["error"];
  return isObject(error) || (typeof error === "string" && error !== "");
}

function reasonOf(finish: string): EndReason {
  switch (finish) {
    case "length":
    case "max_tokens":
      return "length";
    case "tool_calls":
    case "function_call":
      return "calls";
    case "content_filter":
      return "refusal";
    default:
      return "stop";
  }
}

function usageOf(usage: WireObject): Usage {
  const details = asObject(usage["prompt_tokens_details"]);
  const cached = asCount(details["cached_tokens"]) ?? asCount(usage["prompt_cache_hit_tokens"]);
  const written = asCount(details["cache_write_tokens"]) ?? 0;
  return {
    inputTokens: asCount(usage["prompt_tokens"]) ?? 0,
    outputTokens: asCount(usage["completion_tokens"]) ?? 0,
    ...(cached === undefined ? {} : { cachedInputTokens: cached }),
    ...(written === 0 ? {} : { cacheWriteTokens: written }),
  };
}
