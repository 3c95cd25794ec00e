import type { Json, Usage } from "@orquestra/protocol";
import type { EndReason } from "../../llm-provider/index.ts";

/** A native call in a scripted answer. */
export interface ReplyCall {
  /** Absent: `call_1`, `call_2` … in the order of the reply. */
  readonly id?: string;
  readonly name: string;
  readonly arguments: Json;
}

/** What the server answers to one request. Every field is optional: `{}` is an empty answer. */
export interface Reply {
  /** A text is cut into tokens of four characters; a list is sent as it is, one token each. */
  readonly text?: string | readonly string[];
  readonly reasoning?: string;
  readonly refusal?: string;
  readonly calls?: readonly ReplyCall[];
  /** Absent: one input token and as many output tokens as were sent. `null`: the server does not say. */
  readonly usage?: Usage | null;
  /** Absent: what follows from the content. */
  readonly finish?: EndReason;
  /** 400 and above: the request is refused with `error`. */
  readonly status?: number;
  /** With a status below 400 it comes inside the stream, after the content and instead of its end. */
  readonly error?: ReplyError;
  readonly headers?: { readonly [name: string]: string };
  readonly firstTokenDelayMs?: number;
  /** Absent: everything at once. */
  readonly tokensPerSecond?: number;
  /** Destroys the socket after so many tokens. */
  readonly cutAfterTokens?: number;
  /** Destroys the socket after so many bytes of the body, be it in the middle of a character. */
  readonly cutAfterBytes?: number;
  /** Destroys the socket instead of an answer. */
  readonly cutBeforeHeaders?: true;
  /** Falls silent after so many tokens, with the connection open. */
  readonly hangAfterTokens?: number;
  /** Repeats the last token until the client goes away. */
  readonly neverEnds?: boolean;
  /** Instead of a stream of the format: this body. */
  readonly raw?: { readonly contentType: string; readonly body: string };
}

export interface ReplyError {
  readonly type?: string;
  readonly code?: string;
  readonly message?: string;
}

export function tokensOf(text: string | readonly string[] | undefined): readonly string[] {
  if (text === undefined) return [];
  return typeof text === "string" ? (text.match(/.{1,4}/gsu) ?? []) : text;
}

export function finishOf(reply: Reply): EndReason {
  if (reply.finish !== undefined) return reply.finish;
  if (reply.refusal !== undefined) return "refusal";
  return (reply.calls ?? []).length > 0 ? "calls" : "stop";
}

export function callsOf(reply: Reply): readonly Required<ReplyCall>[] {
  return (reply.calls ?? []).map((call, index) => ({ id: `call_${index + 1}`, ...call }));
}

export function usageOf(reply: Reply): Usage | null {
  if (reply.usage !== undefined) return reply.usage;
  const sent = [reply.text, reply.reasoning, reply.refusal].flatMap(tokensOf).length;
  return { inputTokens: 1, outputTokens: sent };
}
