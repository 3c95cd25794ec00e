/** A value as the driver takes it. */
export type Parameter = string | number | boolean | null | Uint8Array | readonly (string | null)[];

export interface Statement {
  readonly text: string;
  readonly values: readonly Parameter[];
}

/** How a column takes its value: as it is, or as JSON text. */
export type Form = "plain" | "json";

/** A value that was written as JSON already. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function parameter(value: unknown, form: Form): Parameter {
  if (form === "json") return value instanceof JsonText ? value.text : JSON.stringify(value ?? null);
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return withoutNul(value);
  if (typeof value === "number" || typeof value === "boolean" || value instanceof Uint8Array) return value;
  throw new TypeError(`a ${typeof value} is no plain column value`);
}

/** What a read looks for, as writing has put it down. */
export function soughtValue(value: unknown): unknown {
  if (typeof value === "string") return withoutNul(value);
  return Array.isArray(value) ? value.map((each) => soughtValue(each)) : value;
}

/** PostgreSQL has no NUL in text, so it becomes the replacement character. In JSON it is written as an escape and stays. */
function withoutNul(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text;
}
