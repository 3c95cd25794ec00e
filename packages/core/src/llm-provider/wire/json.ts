/** A JSON object from a server: nothing about its fields is certain. */
export interface WireObject {
  readonly [key: string]: unknown;
}

const empty: WireObject = {};

export function isObject(value: unknown): value is WireObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object, or one without fields: decoding goes on where a server left something out. */
export function asObject(value: unknown): WireObject {
  return isObject(value) ? value : empty;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text, or "" for anything else. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A number of tokens, an index, a status: a finite number, not below zero. */
export function asCount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** The value of a JSON text; `undefined` where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
