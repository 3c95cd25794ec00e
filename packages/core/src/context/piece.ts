import type { Label } from "@orquestra/protocol";
import { messageOverhead, estimateTokens } from "./tokens.ts";

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
  readonly role: "system" | "user" | "assistant";
  readonly label: Label;
  /** With at most about `cap` characters of data; pieces that are never shortened do not look at it. */
  readonly text: (cap: number) => string;
  /** What stands in for it, made by code. */
  readonly stub?: string;
}

/** The label of what code wrote about other text: ids, sizes, counts. */
export const madeByCode: Label = { integrity: "system", confidentiality: "public" };

export function fixed(kind: BlockKind, role: Piece["role"], content: { readonly label: Label; readonly text: string }): Piece {
  return { kind, role, label: content.label, text: () => content.text };
}

/** Never less than the piece adds to a prompt, however pieces are joined into messages. */
export function costOf(text: string): number {
  return estimateTokens(text) + messageOverhead;
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

function plain(value: string): string {
  return value.replace(/[\s"<>]+/g, (found) => (found.includes('"') ? "'" : " ")).trim();
}
