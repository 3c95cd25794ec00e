import type { EndReason } from "../../llm-provider/index.ts";
import { type EncodedReply, FrameList } from "./frames.ts";
import { type Reply, callsOf, finishOf, tokensOf, usageOf } from "./reply.ts";
import { type RequestForm, type WireFormat, namedError } from "./wire-format.ts";

/** OpenAI's Chat Completions, with the `reasoning_content` of compatible servers. */
export const chatFormat: WireFormat = {
  name: "chat",
  path: "/v1/chat/completions",
  encode: encodeChat,
  whole: wholeChat,
  refusal: (status, error) => ({ error: openAiError(status, error) }),
};

const finishReasons: { readonly [reason in EndReason]: string } = {
  stop: "stop",
  length: "length",
  calls: "tool_calls",
  refusal: "content_filter",
};

export function openAiError(status: number, error: Parameters<typeof namedError>[1]): object {
  const { type, code, message } = namedError(status, error);
  return { message, type, param: null, code };
}

function encodeChat(reply: Reply, form: RequestForm): EncodedReply {
  const frames = new FrameList((event) => `data: ${JSON.stringify(event)}\n\n`);
  const usage = form.includeUsage ? { usage: null } : {};
  const chunk = (delta: object, finish: string | null = null) => ({
    ...chunkHead(form),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...usage,
  });
  frames.add(chunk({ role: "assistant", content: "", refusal: null }));
  for (const token of tokensOf(reply.reasoning)) frames.addToken(chunk({ reasoning_content: token }));
  for (const token of tokensOf(reply.text)) frames.addToken(chunk({ content: token }));
  for (const token of tokensOf(reply.refusal)) frames.addToken(chunk({ refusal: token }));
  addCalls(frames, reply, (calls) => chunk({ tool_calls: calls }));
  if (reply.error === undefined) addEnd(frames, reply, { form, finish: chunk({}, finishReason(reply)) });
  else frames.add({ error: openAiError(500, reply.error) });
  return frames.finish();
}

function addCalls(frames: FrameList, reply: Reply, chunk: (calls: readonly object[]) => object): void {
  for (const [index, call] of callsOf(reply).entries()) {
    frames.add(chunk([{ index, id: call.id, type: "function", function: { name: call.name, arguments: "" } }]));
    for (const token of tokensOf(JSON.stringify(call.arguments))) {
      frames.addToken(chunk([{ index, function: { arguments: token } }]));
    }
  }
}

function addEnd(frames: FrameList, reply: Reply, end: { readonly form: RequestForm; readonly finish: object }): void {
  frames.add(end.finish);
  const usage = chatUsage(reply);
  if (end.form.includeUsage && usage !== null) frames.add({ ...chunkHead(end.form), choices: [], usage });
  frames.addText("data: [DONE]\n\n");
}

function chunkHead(form: RequestForm) {
  return {
    id: "chatcmpl-scripted",
    object: "chat.completion.chunk",
    created: 1_767_225_600,
    model: form.model,
    service_tier: "default",
    system_fingerprint: "fp_scripted",
  };
}

/** A refusal in words ends as any other answer does. */
function finishReason(reply: Reply): string {
  return reply.refusal === undefined ? finishReasons[finishOf(reply)] : "stop";
}

function chatUsage(reply: Reply): object | null {
  const usage = usageOf(reply);
  return usage === null
    ? null
    : {
        prompt_tokens: usage.inputTokens,
        completion_tokens: usage.outputTokens,
        total_tokens: usage.inputTokens + usage.outputTokens,
        prompt_tokens_details: { cached_tokens: usage.cachedInputTokens ?? 0, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
      };
}

function wholeChat(reply: Reply, form: RequestForm): object {
  const toolCalls = callsOf(reply).map((call) => ({
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
  const text = tokensOf(reply.text).join("");
  const message = {
    role: "assistant",
    content: text === "" ? null : text,
    refusal: reply.refusal ?? null,
    ...(reply.reasoning === undefined ? {} : { reasoning_content: reply.reasoning }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  };
  const choice = { index: 0, message, logprobs: null, finish_reason: finishReason(reply) };
  return { ...chunkHead(form), object: "chat.completion", choices: [choice], usage: chatUsage(reply) ?? undefined };
}
