import type { SecretPattern } from "./secret-pattern.ts";

/** A text that holds none is given back as it is. */
export function replaceInText(pattern: SecretPattern, text: string): string {
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
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
  return Array.isArray(value) ? inArray(pattern, value) : inObject(pattern, value);
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

function inObject(pattern: SecretPattern, value: object): object {
  // No entries are made for what is looked at for every event and seldom holds a secret.
  for (const name of Object.keys(value)) {
    const member: unknown = Reflect.get(value, name);
    if (replaceInText(pattern, name) !== name || replaced(pattern, member) !== member) return copyOf(pattern, value);
  }
  return value;
}

function copyOf(pattern: SecretPattern, value: object): object {
  const members = Object.entries(value).map(
    ([name, member]) => [replaceInText(pattern, name), replaced(pattern, member)] as const,
  );
  return Object.fromEntries(members);
}
