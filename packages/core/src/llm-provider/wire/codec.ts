import type { EndReason, ModelPart } from "../language-model.ts";
import type { WireObject } from "./json.ts";

/** A wire format as pure functions. The state belongs to one stream and is changed in place; an event costs its own size. */
export interface WireCodec<State> {
  start(): State;
  /** The parts an event stands for, in order. After an `end` or `failed` part nothing more is decoded. */
  decode(state: State, event: WireObject): DecodedParts;
  /** No event will follow. Without an `end` part in the result the answer is not complete. */
  finish(state: State, ending: StreamEnding): DecodedParts;
}

/** `said`: a `[DONE]`, or a whole answer in one body; `closed`: only the body's end. */
export type StreamEnding = "said" | "closed";

/** What a codec makes of the wire. Errors are still the provider's words: to phrase them one must know who is speaking. */
export type DecodedPart = Exclude<ModelPart, { readonly type: "error" }> | { readonly type: "failed"; readonly body: WireObject };
export type DecodedParts = readonly DecodedPart[];

export const nothing: DecodedParts = [];

/** A piece of text; nothing for an empty one, and for what is no text. */
export function textPart(type: "text" | "reasoning", text: unknown): DecodedParts {
  return typeof text === "string" && text !== "" ? [{ type, text }] : nothing;
}

/** A native call while its arguments arrive. */
export interface PendingCall {
  readonly id: string;
  readonly name: string;
  argumentsText: string;
}

/** A call without arguments is one with `{}`. */
export function callPart(pending: PendingCall): DecodedPart {
  const { id, name, argumentsText: text } = pending;
  return { type: "call", call: { id, name, argumentsText: text.trim() === "" ? "{}" : text } };
}

/** Arguments as text; some servers send the object itself. */
export function argumentsText(value: unknown): string {
  if (typeof value === "string") return value;
  return value === null || value === undefined ? "" : JSON.stringify(value);
}

/** A refusal wins over everything; calls win over a plain stop, as which many servers name them. */
export function endReason(named: EndReason, seen: { readonly refused: boolean; readonly called: boolean }): EndReason {
  if (seen.refused) return "refusal";
  return seen.called && named === "stop" ? "calls" : named;
}
