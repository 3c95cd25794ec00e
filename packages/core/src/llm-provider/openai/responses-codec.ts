import type { Usage } from "@orquestra/protocol";
import {
  type DecodedPart,
  type DecodedParts,
  type WireCodec,
  argumentsText,
  callPart,
  endReason,
  nothing,
  textPart,
} from "../wire/codec.ts";
import { type WireObject, asCount, asList, asObject, asText, isObject } from "../wire/json.ts";
import type { EndReason } from "../language-model.ts";

export interface ResponsesState {
  /** Ids of the calls that were told. */
  readonly told: Set<string>;
  answered: boolean;
  refused: boolean;
}

/** OpenAI's Responses API. */
export const responsesCodec: WireCodec<ResponsesState> = {
  start: () => ({ told: new Set(), answered: false, refused: false }),
  decode: decodeResponses,
  // The closing event is the only proof that an answer is whole.
  finish: () => nothing,
};

function decodeResponses(state: ResponsesState, event: WireObject): DecodedParts {
  switch (event["type"]) {
    case "response.output_text.delta":
      state.answered = true;
      return textPart("text", event["delta"]);
    case "response.refusal.delta":
      state.answered = true;
      state.refused = true;
      return textPart("text", event["delta"]);
    case "response.reasoning_summary_text.delta":
    case "response.reasoning_text.delta":
      return textPart("reasoning", event["delta"]);
    case "response.reasoning_summary_part.added":
      return event["summary_index"] === 0 ? nothing : textPart("reasoning", "\n\n");
    case "response.output_item.done":
      return decodeItem(state, asObject(event["item"]));
    case "response.completed":
    case "response.incomplete":
    case "response.failed":
      return decodeResponse(state, asObject(event["response"]));
    case "error":
      return [{ type: "failed", body: event }];
    default:
      return decodeUntyped(state, event);
  }
}

/** What has no event around it: an error object, or the whole response of a server that does not stream. */
function decodeUntyped(state: ResponsesState, event: WireObject): DecodedParts {
  if (event["object"] === "response") return decodeResponse(state, event);
  return isObject(event["error"]) ? [{ type: "failed", body: event }] : nothing;
}

function decodeItem(state: ResponsesState, item: WireObject): DecodedParts {
  const id = asText(item["call_id"]) || asText(item["id"]);
  if (item["type"] !== "function_call" || state.told.has(id)) return nothing;
  state.told.add(id);
  return [callPart({ id, name: asText(item["name"]), argumentsText: argumentsText(item["arguments"]) })];
}

function decodeResponse(state: ResponsesState, response: WireObject): DecodedParts {
  const { status } = response;
  if (isObject(response["error"]) || status === "failed" || status === "cancelled") return [{ type: "failed", body: response }];
  const parts: DecodedPart[] = [];
  for (const item of asList(response["output"])) {
    parts.push(...(state.answered ? nothing : decodeMessage(state, asObject(item))), ...decodeItem(state, asObject(item)));
  }
  if (isObject(response["usage"])) parts.push({ type: "usage", usage: usageOf(response["usage"]) });
  const seen = { refused: state.refused, called: state.told.size > 0 };
  parts.push({ type: "end", reason: endReason(namedReason(response), seen) });
  return parts;
}

/** A message nobody saw a delta of. */
function decodeMessage(state: ResponsesState, item: WireObject): DecodedParts {
  if (item["type"] !== "message") return nothing;
  return asList(item["content"]).flatMap((piece) => {
    const { text, refusal } = asObject(piece);
    if (asText(refusal) !== "") state.refused = true;
    return textPart("text", asText(refusal) || text);
  });
}

function namedReason(response: WireObject): EndReason {
  if (response["status"] !== "incomplete") return "stop";
  return asObject(response["incomplete_details"])["reason"] === "content_filter" ? "refusal" : "length";
}

function usageOf(usage: WireObject): Usage {
  const details = asObject(usage["input_tokens_details"]);
  const cached = asCount(details["cached_tokens"]);
  const written = asCount(details["cache_write_tokens"]) ?? 0;
  return {
    inputTokens: asCount(usage["input_tokens"]) ?? 0,
    outputTokens: asCount(usage["output_tokens"]) ?? 0,
    ...(cached === undefined ? {} : { cachedInputTokens: cached }),
    ...(written === 0 ? {} : { cacheWriteTokens: written }),
  };
}
