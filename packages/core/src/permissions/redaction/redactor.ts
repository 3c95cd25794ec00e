import type { SecretValue } from "../../lib/secret-value.ts";
import type { KeyShape } from "./key-shapes.ts";
import { replaceInText, replaceInValue } from "./replace-secrets.ts";
import { secretForms, whyNotRedacted } from "./secret-forms.ts";
import { SecretPattern } from "./secret-pattern.ts";
import { StreamRedactor } from "./stream-redactor.ts";
import { placeIn, trailingRun } from "./wrapped-lines.ts";

export interface RedactorOptions {
  /** Secrets this process holds. They are found in JSON, URLs, base64 and hex too. */
  readonly secrets?: readonly SecretValue[];
  /** What is taken out because it looks like a key. None by default: what a file or an answer says stays as it is. */
  readonly shapes?: readonly KeyShape[];
}

/**
 * Takes secrets out of what is told, kept or sent: `[secret NAME]` stands for a value that it knows. A net below the rules that
 * keep secrets from being read, no proof that there are none: what is unknown or written in another way passes.
 */
export class Redactor {
  readonly #shapes: readonly KeyShape[];
  /** Forms of all secrets, with what stands in their place. */
  readonly #placeholders = new Map<string, string>();
  readonly #names = new Set<string>();
  #pattern: SecretPattern;
  /** Finds the placeholders themselves. */
  #standIns: SecretPattern;

  constructor({ secrets = [], shapes = [] }: RedactorOptions = {}) {
    this.#shapes = shapes;
    this.#pattern = new SecretPattern(new Map(), shapes);
    this.#standIns = new SecretPattern(new Map(), []);
    this.add(...secrets);
  }

  /** From now on these are taken out, too. Throws a RangeError for one that is too short or too plain to be told from other text. */
  add(...secrets: readonly SecretValue[]): void {
    for (const secret of secrets) {
      const why = whyNotRedacted(secret.reveal());
      if (why !== null) throw new RangeError(`${secret.name} cannot be kept out of texts: ${why}.`);
      for (const form of secretForms(secret.reveal()))
        if (!this.#placeholders.has(form)) this.#placeholders.set(form, String(secret));
      this.#names.add(String(secret));
    }
    this.#pattern = new SecretPattern(this.#placeholders, this.#shapes);
    this.#standIns = new SecretPattern(new Map([...this.#names].map((name) => [name, ""])), []);
  }

  /** Whether there is nothing to look for. */
  get isEmpty(): boolean {
    return this.#placeholders.size === 0 && this.#shapes.length === 0;
  }

  text(text: string): string {
    return replaceInText(this.#pattern, text);
  }

  /** Its texts without secrets, the names of members included. A value without any is given back as it is. */
  json<T>(value: T): T {
    return replaceInValue(this.#pattern, value);
  }

  /** The first place from which on the rest of a text may become a secret, in one piece or wrapped; its length where there is none. */
  openFrom(text: string): number {
    const open = this.#pattern.openFrom(text, 0);
    const run = trailingRun(text, this.#pattern.reach);
    const joinedOpen = this.#pattern.openFrom(run.joined, 0);
    return joinedOpen === run.joined.length ? open : Math.min(open, placeIn(run, joinedOpen));
  }

  /** Whether a value holds a secret, or what stands in the place of one: acting on either would be wrong. */
  holdsSecret(value: unknown): boolean {
    return this.json(value) !== value || this.mentionsSecret(value);
  }

  /** Whether a value holds what stands in the place of a secret. */
  mentionsSecret(value: unknown): boolean {
    return replaceInValue(this.#standIns, value) !== value;
  }

  /** For one stream of text, whatever its chunks. */
  stream(): StreamRedactor {
    return new StreamRedactor(this.#pattern);
  }
}
