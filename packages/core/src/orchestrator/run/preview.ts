import type { Json } from "@orquestra/protocol";

/** Results up to this many characters of JSON travel whole in their event. */
const wholeUpTo = 8 * 1024;
const head = 3 * 1024;
const tail = 1024;

/** What an event carries of a result: all of it, or the head and tail of its text. */
export function previewOf(value: Json): { readonly preview: Json; readonly whole: boolean } {
  const text = JSON.stringify(value);
  if (text.length <= wholeUpTo) return { preview: value, whole: true };
  const readable = textOf(value);
  const left = readable.length - head - tail;
  if (left <= 0) return { preview: readable, whole: false };
  return { preview: `${readable.slice(0, head)}\n[… ${left} characters left out …]\n${readable.slice(-tail)}`, whole: false };
}

/** A result as a person reads it: text as it is, everything else as indented JSON. */
export function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
