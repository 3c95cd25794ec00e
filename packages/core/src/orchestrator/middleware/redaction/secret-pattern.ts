import type { KeyShape } from "./key-shapes.ts";

export interface FoundSecret {
  readonly start: number;
  readonly end: number;
  /** What may still belong to it where the text goes on; null for a form that is whole. */
  readonly body: RegExp | null;
}

/** Where secrets stand in a text, and where its end may be the beginning of one. */
export class SecretPattern {
  readonly #whole: RegExp;
  /** A shape that has begun and is still too short. */
  readonly #short: RegExp;
  readonly #bodies: readonly RegExp[];
  /** Proper beginnings of forms, and of what shapes start with. */
  readonly #beginnings: ReadonlySet<string>;
  readonly #starts: ReadonlySet<string>;
  readonly #firsts: ReadonlySet<string>;
  readonly #longest: number;

  constructor(forms: readonly string[], shapes: readonly KeyShape[]) {
    const literals = forms.toSorted((a, b) => b.length - a.length);
    const wholes = shapes.map(({ start, body, least }) => `(${boundary}${escaped(start)}${body}{${least},})`);
    const shorts = shapes.map(({ start, body, least }) => `${escaped(start)}${body}{0,${least - 1}}`);
    this.#whole = new RegExp(anyOf([...literals.map(escaped), ...wholes]), "g");
    this.#short = new RegExp(`${boundary}(?:${anyOf(shorts)})$`, "g");
    this.#bodies = shapes.map(({ body }) => new RegExp(`${body}*`, "y"));
    this.#beginnings = new Set(literals.flatMap(properBeginnings));
    this.#starts = new Set(shapes.flatMap(({ start }) => properBeginnings(start)));
    const all = [...literals, ...shapes.map(({ start }) => start)];
    this.#firsts = new Set(all.map((text) => text.charAt(0)));
    this.#longest = Math.max(0, ...all.map(({ length }) => length));
  }

  replaceAll(text: string, placeholder: string): string {
    return text.replace(this.#whole, placeholder);
  }

  /** The first from a place on. */
  find(text: string, from: number): FoundSecret | null {
    this.#whole.lastIndex = from;
    const found = this.#whole.exec(text);
    if (found === null) return null;
    const shape = found.slice(1).findIndex((group) => group !== undefined);
    return { start: found.index, end: found.index + found[0].length, body: this.#bodies[shape] ?? null };
  }

  /** The first place from which on the rest of the text may become a secret; the text's length where there is none. */
  openFrom(text: string, from: number): number {
    this.#short.lastIndex = from;
    const limit = this.#short.exec(text)?.index ?? text.length;
    for (let at = Math.max(from, text.length - this.#longest + 1); at < limit; at++) {
      if (!this.#firsts.has(text.charAt(at))) continue;
      const rest = text.slice(at);
      if (this.#beginnings.has(rest) || (this.#starts.has(rest) && !inWord.test(text.charAt(at - 1)))) return at;
    }
    return limit;
  }
}

const boundary = "(?<![A-Za-z0-9])";
const inWord = /[A-Za-z0-9]/;

function properBeginnings(text: string): readonly string[] {
  return Array.from({ length: text.length - 1 }, (_, index) => text.slice(0, index + 1));
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

/** Of nothing: what matches nowhere. */
function anyOf(patterns: readonly string[]): string {
  return patterns.length === 0 ? "(?!)" : patterns.join("|");
}
