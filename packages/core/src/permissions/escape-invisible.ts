import type { Json } from "@orquestra/protocol";

/**
 * Characters a person cannot see or that reorder what is seen: controls (but not newline and tab), format and bidi marks,
 * blanks that are not a space, line separators, lone surrogates, private and unassigned ones, fillers, variation selectors.
 */
const invisible = /(?![\n\t ])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Printable ASCII: the most of what is shown. */
const plain = /^[\n\t -~]*$/;

/** The text with every invisible character written out as `\u{200b}`. Nothing is left out. */
export function escapeInvisible(text: string): string {
  return plain.test(text) ? text : text.replace(invisible, writtenOut);
}

/** For places that show one line: newlines and tabs are written out too. */
export function escapeLine(text: string): string {
  return escapeInvisible(text).replace(/[\n\t]/g, writtenOut);
}

/** Every string in a value escaped, keys included. */
export function escapeJson(value: Json): Json {
  if (typeof value === "string") return escapeInvisible(value);
  if (value === null || typeof value !== "object") return value;
  return isList(value) ? value.map(escapeJson) : escapeObject(value);
}

export function escapeObject(value: { readonly [key: string]: Json }): { [key: string]: Json } {
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [escapeLine(key), escapeJson(member)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function writtenOut(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
