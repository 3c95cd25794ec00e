import type { SecretPattern } from "./secret-pattern.ts";
import { placeIn, wrappedRuns } from "./wrapped-lines.ts";

/** Shorter texts hold no secret, on however many lines. */
const shortest = 8;

/** A text that holds none is given back as it is. Where a secret goes over the end of a line, that end goes with it. */
export function replaceInText(pattern: SecretPattern, text: string): string {
  if (text.length < shortest) return text;
  if (!text.includes("\n")) return replacePieces(pattern, text);
  let out = "";
  let at = 0;
  for (const run of wrappedRuns(text, shortest)) {
    for (let found = pattern.find(run.joined, 0); found !== null; found = pattern.find(run.joined, found.end)) {
      const start = placeIn(run, found.start);
      const end = placeIn(run, found.end - 1) + 1;
      if (end - start === found.end - found.start) continue;
      out += text.slice(at, start) + found.placeholder;
      at = end;
    }
  }
  return replacePieces(pattern, at === 0 ? text : out + text.slice(at));
}

function replacePieces(pattern: SecretPattern, text: string): string {
  let found = pattern.find(text, 0);
  if (found === null) return text;
  let out = "";
  let at = 0;
  for (; found !== null; found = pattern.find(text, at)) {
    out += text.slice(at, found.start) + found.placeholder;
    at = found.end;
  }
  return out + text.slice(at);
}

/**
 * The same for all texts in a value, the names of its members included. What holds none is given back as it is, and so are
 * bytes: a file that is kept for undoing must come back as it was.
 */
export function replaceInValue<T>(pattern: SecretPattern, value: T): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of the same type: only texts in it differ
  return replaced(pattern, value) as T;
}

function replaced(pattern: SecretPattern, value: unknown): unknown {
  if (typeof value === "string") return replaceInText(pattern, value);
  if (Array.isArray(value)) return inArray(pattern, value);
  return isObject(value) && !(value instanceof Uint8Array) ? inObject(pattern, value) : value;
}

function inArray(pattern: SecretPattern, elements: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | null = null;
  for (let index = 0; index < elements.length; index++) {
    const element = elements[index];
    const clean = replaced(pattern, element);
    if (clean !== element) (copy ??= [...elements])[index] = clean;
  }
  return copy ?? elements;
}

function inObject(pattern: SecretPattern, value: Members): Members {
  // No list of members is made for what is looked at for every event and seldom holds a secret.
  // oxlint-disable-next-line eslint/guard-for-in -- an inherited member costs a look, no more
  for (const name in value) {
    const member = value[name];
    if (replaceInText(pattern, name) !== name || replaced(pattern, member) !== member) return copyOf(pattern, value);
  }
  return value;
}

interface Members {
  readonly [name: string]: unknown;
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null;
}

function copyOf(pattern: SecretPattern, value: Members): Members {
  const members = Object.entries(value).map(
    ([name, member]) => [replaceInText(pattern, name), replaced(pattern, member)] as const,
  );
  return Object.fromEntries(members);
}
