import type { EndReason } from "../../llm-provider/index.ts";
import { type EncodedReply, FrameList, namedEvent } from "./frames.ts";
import { type Reply, callsOf, finishOf, tokensOf, usageOf } from "./reply.ts";
import { type RequestForm, type WireFormat, namedError } from "./wire-format.ts";

/** Anthropic's Messages API. */
export const messagesFormat: WireFormat = {
  name: "messages",
  path: "/v1/messages",
  encode: encodeMessages,
  whole: wholeMessage,
  refusal: (status, error) => anthropicError(status, error),
};

const stopReasons: { readonly [reason in EndReason]: string } = {
  stop: "end_turn",
  length: "max_tokens",
  calls: "tool_use",
  refusal: "refusal",
};

function anthropicError(status: number, error: NonNullable<Reply["error"]>): object {
  const { type, message } = namedError(status, error);
  return { type: "error", error: { type, message }, request_id: "req_scripted" };
}

function encodeMessages(reply: Reply, form: RequestForm): EncodedReply {
  const frames = new FrameList(namedEvent);
  const usage = messagesUsage(reply);
  const begun = {
    ...messageHead(form),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...usage, output_tokens: 1 },
  };
  frames.add({ type: "message_start", message: begun });
  for (const [index, block] of blocksOf(reply).entries()) addBlock(frames, index, block);
  if (reply.error === undefined) {
    const delta = { stop_reason: stopReasons[finishOf(reply)], stop_sequence: null };
    frames.add({ type: "message_delta", delta, usage });
    frames.add({ type: "message_stop" });
  } else frames.add(anthropicError(529, reply.error));
  return frames.finish();
}

/** A block as it starts, its deltas, and as it is when whole. */
interface Block {
  readonly start: object;
  readonly tokens: readonly string[];
  delta(token: string): object;
  readonly closing: readonly object[];
  readonly whole: object;
}

function blocksOf(reply: Reply): readonly Block[] {
  const text = [...tokensOf(reply.text), ...tokensOf(reply.refusal)];
  return [
    ...(reply.reasoning === undefined ? [] : [thinkingBlock(reply.reasoning)]),
    ...(text.length === 0 ? [] : [textBlock(text)]),
    ...callsOf(reply).map(callBlock),
  ];
}

function thinkingBlock(thinking: string): Block {
  return {
    start: { type: "thinking", thinking: "", signature: "" },
    tokens: tokensOf(thinking),
    delta: (token) => ({ type: "thinking_delta", thinking: token }),
    closing: [{ type: "signature_delta", signature: "c2NyaXB0ZWQ=" }],
    whole: { type: "thinking", thinking, signature: "c2NyaXB0ZWQ=" },
  };
}

function textBlock(tokens: readonly string[]): Block {
  return {
    start: { type: "text", text: "" },
    tokens,
    delta: (token) => ({ type: "text_delta", text: token }),
    closing: [],
    whole: { type: "text", text: tokens.join("") },
  };
}

function callBlock(call: ReturnType<typeof callsOf>[number]): Block {
  const block = { type: "tool_use", id: call.id, name: call.name };
  return {
    start: { ...block, input: {} },
    tokens: tokensOf(JSON.stringify(call.arguments)),
    delta: (token) => ({ type: "input_json_delta", partial_json: token }),
    closing: [],
    whole: { ...block, input: call.arguments },
  };
}

function addBlock(frames: FrameList, index: number, block: Block): void {
  frames.add({ type: "content_block_start", index, content_block: block.start });
  if (index === 0) frames.add({ type: "ping" });
  for (const token of block.tokens) frames.addToken({ type: "content_block_delta", index, delta: block.delta(token) });
  for (const delta of block.closing) frames.add({ type: "content_block_delta", index, delta });
  frames.add({ type: "content_block_stop", index });
}

function messageHead(form: RequestForm) {
  return { id: "msg_scripted", type: "message", role: "assistant", model: form.model };
}

/** This vendor counts cached tokens beside the input. Its usage is never missing. */
function messagesUsage(reply: Reply) {
  const usage = usageOf(reply) ?? { inputTokens: 0, outputTokens: 0 };
  const cached = usage.cachedInputTokens ?? 0;
  return {
    input_tokens: usage.inputTokens - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: usage.outputTokens,
  };
}

function wholeMessage(reply: Reply, form: RequestForm): object {
  const content = blocksOf(reply).map((block) => block.whole);
  const stop = { stop_reason: stopReasons[finishOf(reply)], stop_sequence: null };
  return { ...messageHead(form), content, ...stop, usage: messagesUsage(reply) };
}
