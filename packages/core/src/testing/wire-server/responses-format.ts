import { openAiError } from "./chat-format.ts";
import { type EncodedReply, FrameList, namedEvent } from "./frames.ts";
import { type Reply, callsOf, finishOf, tokensOf, usageOf } from "./reply.ts";
import { type RequestForm, type WireFormat, namedError } from "./wire-format.ts";

/** OpenAI's Responses API. */
export const responsesFormat: WireFormat = {
  name: "responses",
  path: "/v1/responses",
  encode: encodeResponses,
  whole: (reply, form) => responseObject(reply, form, "completed"),
  refusal: (status, error) => ({ error: openAiError(status, error) }),
};

function encodeResponses(reply: Reply, form: RequestForm): EncodedReply {
  let sequence = 0;
  const frames = new FrameList((event) => namedEvent({ ...event, sequence_number: sequence++ }));
  const begun = { ...responseObject({}, form, "in_progress"), output: [], usage: null };
  frames.add({ type: "response.created", response: begun });
  frames.add({ type: "response.in_progress", response: begun });
  for (const [index, item] of outputItems(reply).entries()) addItem(frames, index, item);
  if (reply.error === undefined) addEnd(frames, reply, form);
  else frames.add(streamedError(reply.error));
  return frames.finish();
}

function streamedError(error: NonNullable<Reply["error"]>): object {
  const { code, message } = namedError(500, error);
  return { type: "error", code, message, param: null };
}

function addEnd(frames: FrameList, reply: Reply, form: RequestForm): void {
  const finish = finishOf(reply);
  const whole = finish === "stop" || finish === "calls" || reply.refusal !== undefined;
  const status = whole ? "completed" : "incomplete";
  frames.add({ type: `response.${status}`, response: responseObject(reply, form, status) });
}

/** How an item comes: as it is added, its pieces, as it is done. */
interface OutputItem {
  readonly added: object;
  readonly pieces: readonly object[];
  readonly tokens: readonly string[];
  /** The fields of the event of each token. */
  readonly token: object;
  readonly closing: readonly object[];
  readonly done: object;
}

function outputItems(reply: Reply): readonly OutputItem[] {
  return [
    ...(reply.reasoning === undefined ? [] : [reasoningItem(reply.reasoning)]),
    ...(reply.text === undefined ? [] : [messageItem("output_text", tokensOf(reply.text))]),
    ...(reply.refusal === undefined ? [] : [messageItem("refusal", tokensOf(reply.refusal))]),
    ...callsOf(reply).map(callItem),
  ];
}

function reasoningItem(text: string): OutputItem {
  const item = { id: "rs_scripted", type: "reasoning" };
  const summary = { type: "summary_text", text };
  return {
    added: { ...item, summary: [] },
    pieces: [{ type: "response.reasoning_summary_part.added", summary_index: 0, part: { type: "summary_text", text: "" } }],
    tokens: tokensOf(text),
    token: { type: "response.reasoning_summary_text.delta", summary_index: 0 },
    closing: [
      { type: "response.reasoning_summary_text.done", summary_index: 0, text },
      { type: "response.reasoning_summary_part.done", summary_index: 0, part: summary },
    ],
    done: { ...item, summary: [summary] },
  };
}

function messageItem(kind: "output_text" | "refusal", tokens: readonly string[]): OutputItem {
  const item = { id: "msg_scripted", type: "message", role: "assistant" };
  const field = kind === "refusal" ? "refusal" : "text";
  const part = (text: string) => ({
    type: kind,
    [field]: text,
    ...(kind === "refusal" ? {} : { annotations: [], logprobs: [] }),
  });
  const text = tokens.join("");
  return {
    added: { ...item, status: "in_progress", content: [] },
    pieces: [{ type: "response.content_part.added", content_index: 0, part: part("") }],
    tokens,
    token: { type: `response.${kind}.delta`, content_index: 0 },
    closing: [
      { type: `response.${kind}.done`, content_index: 0, [field]: text },
      { type: "response.content_part.done", content_index: 0, part: part(text) },
    ],
    done: { ...item, status: "completed", content: [part(text)] },
  };
}

function callItem(call: ReturnType<typeof callsOf>[number], index: number): OutputItem {
  const item = { id: `fc_scripted_${index + 1}`, type: "function_call", call_id: call.id, name: call.name };
  const text = JSON.stringify(call.arguments);
  return {
    added: { ...item, status: "in_progress", arguments: "" },
    pieces: [],
    tokens: tokensOf(text),
    token: { type: "response.function_call_arguments.delta" },
    closing: [{ type: "response.function_call_arguments.done", name: call.name, arguments: text }],
    done: { ...item, status: "completed", arguments: text },
  };
}

function addItem(frames: FrameList, index: number, item: OutputItem): void {
  const place = { item_id: "id" in item.done ? item.done.id : "", output_index: index };
  frames.add({ type: "response.output_item.added", output_index: index, item: item.added });
  for (const piece of item.pieces) frames.add({ ...piece, ...place });
  for (const delta of item.tokens) frames.addToken({ ...item.token, ...place, delta });
  for (const piece of item.closing) frames.add({ ...piece, ...place });
  frames.add({ type: "response.output_item.done", output_index: index, item: item.done });
}

function responseObject(reply: Reply, form: RequestForm, status: "in_progress" | "completed" | "incomplete"): object {
  const usage = usageOf(reply);
  const reason = finishOf(reply) === "length" ? "max_output_tokens" : "content_filter";
  return {
    id: "resp_scripted",
    object: "response",
    created_at: 1_767_225_600,
    status,
    error: null,
    incomplete_details: status === "incomplete" ? { reason } : null,
    model: form.model,
    output: outputItems(reply).map((item) => item.done),
    parallel_tool_calls: true,
    tools: [],
    usage:
      usage === null
        ? null
        : {
            input_tokens: usage.inputTokens,
            input_tokens_details: { cached_tokens: usage.cachedInputTokens ?? 0 },
            output_tokens: usage.outputTokens,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: usage.inputTokens + usage.outputTokens,
          },
  };
}
