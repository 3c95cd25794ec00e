import type { EndReason } from "../language-model.ts";
import {
  type DecodedPart,
  type DecodedParts,
  type PendingCall,
  type StreamEnding,
  type WireCodec,
  argumentsText,
  callPart,
  endReason,
  nothing,
  textPart,
} from "../wire/codec.ts";
import { type WireObject, asCount, asList, asObject, asText, isObject } from "../wire/json.ts";

export interface MessagesState {
  /** Calls whose block is open, by the block's index. */
  readonly calls: Map<unknown, PendingCall>;
  called: boolean;
  named: EndReason | null;
  counts: TokenCounts | null;
}

interface TokenCounts {
  readonly fresh: number;
  readonly written: number;
  readonly cached: number;
  readonly output: number;
}

/** Anthropic's Messages API. */
export const messagesCodec: WireCodec<MessagesState> = {
  start: () => ({ calls: new Map(), called: false, named: null, counts: null }),
  decode: decodeMessages,
  finish: finishMessages,
};

function decodeMessages(state: MessagesState, event: WireObject): DecodedParts {
  switch (event["type"]) {
    case "content_block_delta":
      return decodeDelta(state, event["index"], asObject(event["delta"]));
    case "content_block_start":
      return openBlock(state, event["index"], asObject(event["content_block"]));
    case "content_block_stop":
      return closeBlock(state, event["index"]);
    case "message_start":
      noteUsage(state, asObject(event["message"])["usage"]);
      return nothing;
    case "message_delta":
      noteUsage(state, event["usage"]);
      noteReason(state, asObject(event["delta"])["stop_reason"]);
      return nothing;
    case "message_stop":
      return finishMessages(state, "said");
    case "message":
      return decodeWhole(state, event);
    default:
      return isObject(event["error"]) ? [{ type: "failed", body: event }] : nothing;
  }
}

function finishMessages(state: MessagesState, ending: StreamEnding): DecodedParts {
  if (state.named === null && ending === "closed") return nothing;
  const parts: DecodedPart[] = [...state.calls.values()].map(callPart);
  if (state.counts !== null) parts.push(usagePart(state.counts));
  const seen = { refused: state.named === "refusal", called: state.called };
  parts.push({ type: "end", reason: endReason(state.named ?? "stop", seen) });
  return parts;
}

function decodeDelta(state: MessagesState, index: unknown, delta: WireObject): DecodedParts {
  switch (delta["type"]) {
    case "text_delta":
      return textPart("text", delta["text"]);
    case "thinking_delta":
      return textPart("reasoning", delta["thinking"]);
    case "input_json_delta": {
      const call = state.calls.get(index);
      if (call !== undefined) call.argumentsText += asText(delta["partial_json"]);
      return nothing;
    }
    default:
      return nothing;
  }
}

function openBlock(state: MessagesState, index: unknown, block: WireObject): DecodedParts {
  if (block["type"] === "text") return textPart("text", block["text"]);
  if (block["type"] === "thinking") return textPart("reasoning", block["thinking"]);
  if (block["type"] !== "tool_use") return nothing;
  state.called = true;
  state.calls.set(index, { id: asText(block["id"]), name: asText(block["name"]), argumentsText: startedInput(block["input"]) });
  return nothing;
}

/** In a stream the input begins as `{}` and comes in pieces; some servers send it here and whole. */
function startedInput(input: unknown): string {
  return isObject(input) && Object.keys(input).length > 0 ? argumentsText(input) : "";
}

function closeBlock(state: MessagesState, index: unknown): DecodedParts {
  const call = state.calls.get(index);
  if (call === undefined) return nothing;
  state.calls.delete(index);
  return [callPart(call)];
}

function decodeWhole(state: MessagesState, message: WireObject): DecodedParts {
  const parts = asList(message["content"]).flatMap((block, index) => [
    ...openBlock(state, index, asObject(block)),
    ...closeBlock(state, index),
  ]);
  noteUsage(state, message["usage"]);
  noteReason(state, message["stop_reason"]);
  return parts;
}

function noteReason(state: MessagesState, reason: unknown): void {
  if (typeof reason === "string") state.named = reasonOf(reason);
}

function reasonOf(reason: string): EndReason {
  switch (reason) {
    case "max_tokens":
    case "model_context_window_exceeded":
      return "length";
    case "tool_use":
      return "calls";
    case "refusal":
      return "refusal";
    default:
      return "stop";
  }
}

/** Counts are cumulative, and later events may leave out or zero what earlier ones said: the highest of each is the last. */
function noteUsage(state: MessagesState, value: unknown): void {
  if (!isObject(value)) return;
  const { counts } = state;
  state.counts = {
    fresh: Math.max(counts?.fresh ?? 0, asCount(value["input_tokens"]) ?? 0),
    written: Math.max(counts?.written ?? 0, asCount(value["cache_creation_input_tokens"]) ?? 0),
    cached: Math.max(counts?.cached ?? 0, asCount(value["cache_read_input_tokens"]) ?? 0),
    output: Math.max(counts?.output ?? 0, asCount(value["output_tokens"]) ?? 0),
  };
}

/** This vendor counts cached tokens beside the input; in our usage they are part of it. */
function usagePart(counts: TokenCounts): DecodedPart {
  const { fresh, written, cached, output } = counts;
  const usage = { inputTokens: fresh + written + cached, outputTokens: output, cachedInputTokens: cached };
  return { type: "usage", usage: written === 0 ? usage : { ...usage, cacheWriteTokens: written } };
}
