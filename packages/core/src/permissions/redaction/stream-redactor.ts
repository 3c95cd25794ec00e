import type { SecretPattern } from "./secret-pattern.ts";

/**
 * Redacts one stream of text: what comes out is, whatever the chunks, what redacting the whole text gives. Text is held back
 * only while its end may be the beginning of a secret.
 */
export class StreamRedactor {
  readonly #pattern: SecretPattern;
  /** The last character that is settled: what follows may depend on it. */
  #before = "";
  #held = "";
  /** Set inside a secret that has been told of and goes on. */
  #body: RegExp | null = null;

  constructor(pattern: SecretPattern) {
    this.#pattern = pattern;
  }

  push(text: string): string {
    return this.#take(text, false);
  }

  /** The stream is over: what was held back. */
  end(): string {
    return this.#take("", true);
  }

  #take(added: string, last: boolean): string {
    const text = this.#before + this.#held + added;
    let at = this.#skipBody(text, this.#before.length);
    let out = "";
    for (;;) {
      const open = last ? text.length : this.#pattern.openFrom(text, at);
      const found = this.#pattern.find(text, at);
      if (found === null || found.start >= open) {
        this.#before = text.slice(0, open).slice(-1);
        this.#held = text.slice(open);
        return out + text.slice(at, open);
      }
      out += text.slice(at, found.start) + found.placeholder;
      at = found.end;
      this.#body = at === text.length ? found.body : null;
    }
  }

  #skipBody(text: string, from: number): number {
    if (this.#body === null) return from;
    this.#body.lastIndex = from;
    const end = from + (this.#body.exec(text)?.[0].length ?? 0);
    if (end < text.length) this.#body = null;
    return end;
  }
}
