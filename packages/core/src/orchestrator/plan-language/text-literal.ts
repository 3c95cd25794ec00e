import type { Cursor } from "./cursor.ts";
import { closingQuotes, tripleQuoteAt } from "./quotes.ts";
import { type Reference, readPath, targetOf } from "./reference-path.ts";

/** Text with results to be put into it: strings and references, no two strings side by side, none empty. */
export type TextParts = readonly (string | Reference)[];

const escapes: ReadonlyMap<string, string> = new Map([
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["\\", "\\"],
  ["/", "/"],
  ...[...closingQuotes.keys()].map((quote) => [quote, quote] as const),
]);
const unicode = /u([0-9a-fA-F]{4})/y;

/**
 * Reads the string at the cursor. JSON's escapes, raw line ends allowed. The text comes in pieces, cut before each escaped
 * `$`: interpolations are looked for within a piece only, so that an escaped one is never one.
 */
export function readString(cursor: Cursor): readonly string[] {
  const { text } = cursor;
  const triple = tripleQuoteAt(text, cursor.position);
  const close = triple ?? closingQuotes.get(cursor.next) ?? "";
  const pieces: string[] = [];
  let piece = "";
  cursor.position += triple?.length ?? 1;
  let start = cursor.position;
  for (; cursor.position < text.length; cursor.position++) {
    if (text.startsWith(close, cursor.position)) {
      piece += text.slice(start, cursor.position);
      cursor.position += close.length;
      if (close === "`" && piece.includes("${")) cursor.fail("in a text a result is written {{$1.path}}.");
      return [...pieces, piece];
    }
    if (cursor.next !== "\\") continue;
    piece += text.slice(start, cursor.position++);
    const decoded = readEscape(cursor);
    if (decoded === "$") pieces.push(piece);
    piece = decoded === "$" ? decoded : piece + decoded;
    start = cursor.position + 1;
  }
  return cursor.fail("this string is never closed.");
}

/** Leaves the cursor on the last character of the escape. */
function readEscape(cursor: Cursor): string {
  const code = cursor.look(unicode)?.[1];
  const decoded = code === undefined ? escapes.get(cursor.next) : String.fromCharCode(Number.parseInt(code, 16));
  if (decoded === undefined) cursor.fail(`\\${cursor.next} is no escape; for a backslash write \\\\.`);
  if (code !== undefined) cursor.position += 4;
  return decoded;
}

const opening = /\{\{[ \t]*\$(t?\d{1,4})/g;
const closing = /[ \t]*\}\}/y;

/** Finds `{{$n.path}}`; whatever does not follow that form to the letter is text. */
export function interpolate(pieces: readonly string[]): TextParts {
  const parts: (string | Reference)[] = [];
  for (const piece of pieces) splitPiece(piece, parts);
  return parts;
}

function splitPiece(piece: string, parts: (string | Reference)[]): void {
  let done = 0;
  for (const found of piece.matchAll(opening)) {
    if (found.index < done) continue;
    const { path, end } = readPath(piece, found.index + found[0].length);
    closing.lastIndex = end;
    const close = closing.exec(piece);
    const target = targetOf(found[1] ?? "0");
    if (close === null || target.number === 0) continue;
    addText(parts, piece.slice(done, found.index));
    parts.push({ ...target, path });
    done = end + close[0].length;
  }
  addText(parts, piece.slice(done));
}

export function addText(parts: (string | Reference)[], text: string): void {
  const last = parts.at(-1);
  if (typeof last === "string") parts[parts.length - 1] = last + text;
  else if (text !== "") parts.push(text);
}

/** A title stands on one line. */
export function oneLine(text: string): string {
  const lines = text.split(/[\r\n]/).map((line) => line.trim());
  return lines.filter((line) => line !== "").join(" ");
}
