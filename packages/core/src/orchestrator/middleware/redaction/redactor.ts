import type { Json } from "@orquestra/protocol";
import { type KeyShape, keyShapes } from "./key-shapes.ts";
import { secretForms } from "./secret-forms.ts";
import { SecretPattern } from "./secret-pattern.ts";
import { StreamRedactor } from "./stream-redactor.ts";

export interface RedactorOptions {
  /** Secrets this process holds, of at least eight characters. They are found in JSON, URLs, base64 and hex too. */
  readonly values?: readonly string[];
  /** Default: keys of the better known services. */
  readonly shapes?: readonly KeyShape[];
}

const placeholder = "[redacted]";

/**
 * Takes secrets out of text: given values, and what looks like a known kind of key. A net below the rules that keep secrets
 * from being read, no proof that there are none: what is unknown or written in another way passes.
 */
export class Redactor {
  readonly #pattern: SecretPattern;

  constructor({ values = [], shapes = keyShapes }: RedactorOptions = {}) {
    this.#pattern = new SecretPattern(values.flatMap(secretForms), shapes);
  }

  text(text: string): string {
    return this.#pattern.replaceAll(text, placeholder);
  }

  /** Its strings without secrets; keys stay. A value without any is given back as it is. */
  json(value: Json): Json {
    if (typeof value === "string") return this.text(value);
    if (value === null || typeof value !== "object") return value;
    const members = Object.entries(value).map(([key, member]) => ({ key, member, redacted: this.json(member) }));
    if (members.every(({ member, redacted }) => member === redacted)) return value;
    if (Array.isArray(value)) return members.map(({ redacted }) => redacted);
    return Object.fromEntries(members.map(({ key, redacted }) => [key, redacted]));
  }

  /** For one stream of text, whatever its chunks. */
  stream(): StreamRedactor {
    return new StreamRedactor(this.#pattern, placeholder);
  }
}
