import type { Label } from "@orquestra/protocol";
import type { ModelCall } from "../llm-provider/index.ts";
import type { KeptText } from "./kept-text.ts";
import type { ImageContent } from "./prompt-input.ts";
import { estimateCalls, estimateTokens, imageTokens, messageOverhead } from "./tokens.ts";

export type BlockKind =
  | "instructions"
  | "tools"
  | "rules"
  | "preferences"
  | "environment"
  | "history"
  | "message"
  | "attachment"
  | "turn"
  | "result"
  | "ledger"
  | "steer"
  | "repair"
  | "note";

/** Something a prompt may hold: whole, shortened, as a stub, or not at all. */
export interface Piece {
  readonly kind: BlockKind;
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly label: Label;
  /** With at most about `cap` characters of data; pieces that are never shortened do not look at it. */
  readonly text: (cap: number) => string;
  /** Native calls that belong to the text, likewise. */
  readonly calls?: (cap: number) => readonly ModelCall[];
  /** What is shown with the text while it is whole. */
  readonly images?: readonly ImageContent[];
  /** The native call that a piece of role `tool` answers. */
  readonly answers?: Answer;
  /** What stands in for it, made by code. */
  readonly stub?: string;
  /** Of the stub, where that repeats a name that somebody else may have given. Absent: it does not. */
  readonly stubLabel?: Label;
}

export interface Answer {
  readonly callId: string;
  readonly name: string;
  readonly failed: boolean;
}

/** The label of what code wrote about other text: ids, sizes, counts. */
export const madeByCode: Label = { integrity: "system", confidentiality: "public" };

export function fixed(kind: BlockKind, role: Piece["role"], { label, text }: KeptText): Piece {
  return { kind, role, label, text: () => text };
}

/** Never less than the piece adds to a prompt, however pieces are joined into messages. */
export function costOf(text: string, calls: readonly ModelCall[] = [], images = 0): number {
  return estimateTokens(text) + messageOverhead + estimateCalls(calls) + images * imageTokens;
}

/**
 * Data between tags that it cannot close itself: where the text holds the closing tag, the name gets the first number
 * that it does not hold. The text stays as it is, so that an edit finds what was read.
 */
export function tagged(name: string, attributes: { readonly [name: string]: string }, text: string): string {
  let tag = name;
  for (let number = 2; text.includes(`</${tag}`); number++) tag = `${name}-${number}`;
  const shown = Object.entries(attributes).map(([key, value]) => ` ${key}="${plain(value)}"`);
  return `<${tag}${shown.join("")}>\n${text}\n</${tag}>`;
}

/** The text for a size, kept until another is asked for: it is measured before it is shown. */
export function remembered(text: (cap: number) => string): (cap: number) => string {
  let last: { readonly cap: number; readonly text: string } | null = null;
  return (cap) => {
    if (last?.cap !== cap) last = { cap, text: text(cap) };
    return last.text;
  };
}

function plain(value: string): string {
  if (!/[\s"<>]/.test(value)) return value;
  return value.replace(/[\s"<>]+/g, (found) => (found.includes('"') ? "'" : " ")).trim();
}
