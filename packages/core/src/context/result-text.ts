import type { Json } from "@orquestra/protocol";

/**
 * A result as the model reads it, in prompts and through `recall` alike, so that offsets mean the same place in both:
 * strings as they are, lists one element a line, members by name; text of several lines stands raw below its name.
 */
export function textOfResult(value: Json): string {
  if (typeof value === "string") return value;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return isList(value) ? textOfList(value) : textOfObject(value);
}

function textOfList(list: readonly Json[]): string {
  if (list.length === 0) return "[]";
  if (!list.some(hasLines)) return list.map((element) => JSON.stringify(element)).join("\n");
  return list.map((element, index) => `[${index}]\n${textOfResult(element)}`).join("\n");
}

function textOfObject(value: { readonly [key: string]: Json }): string {
  const members = Object.entries(value).map(([name, member]) => {
    const spread = hasLines(member) || (isList(member) && member.some((it) => typeof it === "object"));
    return spread ? `${name}:\n${textOfResult(member)}` : `${name}: ${JSON.stringify(member)}`;
  });
  return members.length === 0 ? "{}" : members.join("\n");
}

function hasLines(value: Json): boolean {
  if (typeof value === "string") return value.includes("\n");
  return value !== null && typeof value === "object" && Object.values(value).some(hasLines);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** How the rest of a shortened text can be read: the call, given where to go on and how many characters to read. */
export type ReadOn = (offset: number, length: number) => string;

const readOnLength = 4000;

/** The text, or its head and tail around a line that says what is missing and how to read on. `cap`: characters of text kept. */
export function excerpt(text: string, cap: number, readOn: ReadOn | null): string {
  if (text.length <= cap) return text;
  const head = wholeCharacters(text, Math.floor(cap * 0.75));
  const tail = wholeCharacters(text, text.length - (cap - head));
  const left = grouped(tail - head);
  const hint = readOn === null ? "" : `; ${readOn(head, readOnLength)} reads on`;
  return `${text.slice(0, head)}\n[… ${left} characters left out${hint} …]\n${text.slice(tail)}`;
}

/** `48120` → `48,120`, whatever the language of the machine. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** The nearest place at or before the index that does not cut a character in two. */
function wholeCharacters(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return index > 0 && code >= 0xdc00 && code <= 0xdfff ? index - 1 : index;
}
