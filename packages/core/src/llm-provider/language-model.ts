import type { Json, PlanFormat, Usage } from "@orquestra/protocol";
import { OrquestraError } from "../lib/error.ts";

/**
 * A model that streams. The port is five members wide on purpose: what a vendor can do beyond it stays in its adapter.
 * Named `LanguageModel` and not `Provider`: a provider is who serves it, and may serve several.
 */
export interface LanguageModel {
  /** `provider/model`, as settings write it. */
  readonly id: string;
  readonly provider: string;
  readonly capabilities: ModelCapabilities;
  /**
   * One model call. Yields batches of parts, one batch per network read, and always ends with exactly one `end` or `error` part:
   * failures of the call are parts, only bugs throw. Aborting the signal closes the connection and ends with an `aborted` error.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<readonly ModelPart[]>;
}

export interface ModelCapabilities {
  /** Tokens of prompt and answer together. */
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  readonly tools: boolean;
  readonly images: boolean;
  /** Whether it thinks before it answers, where that is known. */
  readonly reasoning?: boolean;
  /** How it writes plans best, where that is known. A session may ask for another. */
  readonly planFormat?: PlanFormat;
  /** US dollars per million tokens at most, where that is known. */
  readonly dearest?: { readonly input: number; readonly output: number };
}

export interface ModelRequest {
  readonly system: string;
  readonly messages: readonly ModelMessage[];
  readonly tools?: readonly ModelTool[];
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  /** Stable per session: lets a provider find its prompt cache again. */
  readonly cacheKey?: string;
}

export type ModelMessage =
  | { readonly role: "user"; readonly content: readonly UserContent[] }
  | { readonly role: "assistant"; readonly text: string; readonly calls?: readonly ModelCall[] }
  | { readonly role: "tool"; readonly callId: string; readonly name: string; readonly text: string; readonly failed: boolean };

export type UserContent =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image"; readonly mediaType: string; readonly base64: string };

export interface ModelTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: Json;
}

export interface ModelCall {
  readonly id: string;
  readonly name: string;
  /** The arguments as the model wrote them: JSON text, not yet parsed. */
  readonly argumentsText: string;
}

export type ModelPart =
  /** For the person, before the answer begins: why it takes longer, or comes from another model. No part of the answer. */
  | { readonly type: "notice"; readonly text: string }
  /** It used a tool of its own: what it writes from here on may repeat what no prompt held. For the person likewise. */
  | { readonly type: "own_tool"; readonly text: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  /** A finished native tool call. */
  | { readonly type: "call"; readonly call: ModelCall }
  /** Cost in US dollars, where the price is known. */
  | { readonly type: "usage"; readonly usage: Usage; readonly cost?: number }
  | { readonly type: "end"; readonly reason: EndReason }
  /** `again`: the next call goes to another model, which a notice told. */
  | { readonly type: "error"; readonly error: ModelError; readonly again?: true };

/** For the person, and no part of the answer. */
export function isAside(part: ModelPart): part is Extract<ModelPart, { readonly type: "notice" | "own_tool" }> {
  return part.type === "notice" || part.type === "own_tool";
}

export type EndReason = "stop" | "length" | "calls" | "refusal";

export type ModelErrorKind =
  | "rate_limit"
  | "auth"
  | "overloaded"
  | "invalid_request"
  | "context_length"
  | "refusal"
  | "network"
  | "aborted";

/**
 * Why a model call failed, in words for the person who pays for it. Never holds a key or a prompt. The first sentence of the
 * message says what went wrong, the others what to do about it.
 */
export class ModelError extends OrquestraError {
  readonly kind: ModelErrorKind;
  /** Milliseconds to wait, where the provider said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: ModelErrorKind,
    message: string,
    options: { readonly cause?: unknown; readonly retryable?: boolean; readonly retryAfterMs?: number | undefined } = {},
  ) {
    super(`model_${kind}`, message, options);
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** What went wrong, without the advice: for where the call goes on by itself. */
  get problem(): string {
    return this.message.split(/(?<=\.)\s/, 1)[0] ?? this.message;
  }
}
