import type { Cursor } from "./cursor.ts";
import { closingQuotes } from "./quotes.ts";
import { type Reference, readPath, targetOf } from "./reference-path.ts";
import { readString } from "./text-literal.ts";

/** A value as written. */
export type Expression =
  | { readonly type: "literal"; readonly value: number | boolean | null }
  /** In the pieces that `readString` gives. */
  | { readonly type: "text"; readonly pieces: readonly string[] }
  | { readonly type: "reference"; readonly reference: Reference }
  /** `<<NAME`: the content of the call's block with this index. */
  | { readonly type: "block"; readonly index: number }
  | { readonly type: "array"; readonly items: readonly Expression[] }
  | { readonly type: "object"; readonly entries: readonly (readonly [string, Expression])[] };

/** How deep arrays and objects may stand in each other. */
const maxDepth = 64;

const numeral = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.$])/y;
const dollar = /\$(t?\d{1,4})(?![\d{])/y;
const placeholder = /<<([A-Z0-9_]{1,16})(?![A-Za-z0-9_])/y;
const anyWord = /[\p{L}_$][\p{L}\p{N}_$./-]{0,40}/uy;
const quotes = new RegExp(`[${[...closingQuotes.keys()].join("")}]`, "y");
const words: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** Reads one value. Throws a PlanError at what is none. */
export function readExpression(cursor: Cursor, depth = 0): Expression {
  if (depth > maxDepth) cursor.fail(`values stand in each other more than ${maxDepth} deep.`);
  cursor.skipSpace();
  if (cursor.look(quotes) !== null) return { type: "text", pieces: readString(cursor) };
  if (cursor.next === "$") return readReference(cursor);
  if (cursor.next === "[") return { type: "array", items: readArray(cursor, depth) };
  if (cursor.next === "{") return { type: "object", entries: readObject(cursor, depth) };
  if (cursor.next === "<") return readPlaceholder(cursor);
  return readLiteral(cursor);
}

/** The rest of a list behind its opening bracket, with a comma between the items and maybe behind the last. */
export function readItems(cursor: Cursor, close: string, readItem: () => void): void {
  while (!cursor.takeIf(close)) {
    readItem();
    if (cursor.takeIf(",")) continue;
    if (!cursor.takeIf(close)) cursor.fail(`expected "," or "${close}"${found(cursor)}.`);
    return;
  }
}

const name = /[A-Za-z_][A-Za-z0-9_-]*/y;
const afterName = /[ \t\r\n]*[:=\uff1a\uff1d](?!=)/y;

/** A name and its `:` or `=`, if that is what comes next; otherwise null, and the cursor stays. */
export function readName(cursor: Cursor): string | null {
  cursor.skipSpace();
  const start = cursor.position;
  const text = cursor.look(quotes) === null ? cursor.take(name)?.[0] : readString(cursor).join("");
  if (text !== undefined && cursor.take(afterName) !== null) return text;
  cursor.position = start;
  return null;
}

function readReference(cursor: Cursor): Expression {
  const target = targetOf(cursor.take(dollar)?.[1] ?? "0");
  if (target.number === 0) cursor.fail("write a reference as $1, with the number of an earlier line.");
  const { path, end } = readPath(cursor.text, cursor.position);
  cursor.position = end;
  if (/[.[\w]/.test(cursor.next)) cursor.fail('a path goes on with .name, ["name"], [0] or [*].');
  return { type: "reference", reference: { ...target, path } };
}

function readPlaceholder(cursor: Cursor): Expression {
  if (cursor.take(placeholder) === null) cursor.fail("write a block as <<NAME, with 1 to 16 of A-Z, 0-9 and _.");
  return { type: "block", index: cursor.blocks++ };
}

function readArray(cursor: Cursor, depth: number): Expression[] {
  const items: Expression[] = [];
  cursor.position += 1;
  readItems(cursor, "]", () => items.push(readExpression(cursor, depth + 1)));
  return items;
}

function readObject(cursor: Cursor, depth: number): [string, Expression][] {
  const entries: [string, Expression][] = [];
  const keys = new Set<string>();
  cursor.position += 1;
  readItems(cursor, "}", () => {
    const key = readName(cursor) ?? cursor.fail(`expected a key and ":"${found(cursor)}.`);
    if (keys.has(key)) cursor.fail(`the key ${JSON.stringify(key)} stands here twice.`);
    keys.add(key);
    entries.push([key, readExpression(cursor, depth + 1)]);
  });
  return entries;
}

function readLiteral(cursor: Cursor): Expression {
  const digits = cursor.take(numeral)?.[0];
  if (digits !== undefined) return { type: "literal", value: readNumber(cursor, digits) };
  const word = cursor.look(anyWord)?.[0];
  if (word === undefined) return cursor.fail(`expected a value${found(cursor)}.`);
  const value = words.get(word);
  if (value === undefined)
    return cursor.fail(`${word} has no quotes; text stands in quotes, constants are true, false and null.`);
  cursor.position += word.length;
  return { type: "literal", value };
}

/** -0 has no JSON of its own, and infinity none at all. */
function readNumber(cursor: Cursor, digits: string): number {
  const value = Number(digits);
  if (!Number.isFinite(value)) cursor.fail(`${digits.slice(0, 20)} is too large a number.`);
  return value === 0 ? 0 : value;
}

function found(cursor: Cursor): string {
  return cursor.next === ""
    ? ", but the line ends"
    : `, found ${JSON.stringify(cursor.text.slice(cursor.position, cursor.position + 12))}`;
}
