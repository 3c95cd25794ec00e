import type { KeyShape } from "./key-shapes.ts";
import { LiteralSearch } from "./literal-search.ts";

export interface FoundSecret {
  readonly start: number;
  readonly end: number;
  /** What stands in its place. */
  readonly placeholder: string;
  /** What may still belong to it where the text goes on; null for a form that is whole. */
  readonly body: RegExp | null;
}

/** Where secrets stand in a text, and where its end may be the beginning of one. */
export class SecretPattern {
  readonly #literals: LiteralSearch;
  readonly #placeholders: ReadonlyMap<string, string>;
  readonly #shapes: ShapeSearch | null;

  /** Placeholders of forms by form. */
  constructor(placeholders: ReadonlyMap<string, string>, shapes: readonly KeyShape[]) {
    this.#placeholders = placeholders;
    this.#literals = new LiteralSearch(placeholders.keys());
    this.#shapes = shapes.length === 0 ? null : new ShapeSearch(shapes);
  }

  /** The first from a place on. */
  find(text: string, from: number): FoundSecret | null {
    const found = this.#literals.find(text, from);
    const shape = this.#shapes?.find(text, from) ?? null;
    if (found === null || (shape !== null && shape.start < found.start)) return shape;
    const { start, literal } = found;
    return { start, end: start + literal.length, placeholder: this.#placeholders.get(literal) ?? shapePlaceholder, body: null };
  }

  /** So many characters at the end of a text may be the beginning of a form, line ends that it was wrapped with included. */
  get reach(): number {
    return 2 * this.#literals.longest;
  }

  /** The first place from which on the rest of the text may become a secret; the text's length where there is none. */
  openFrom(text: string, from: number): number {
    const open = this.#literals.openFrom(text, from);
    return this.#shapes === null ? open : Math.min(open, this.#shapes.openFrom(text, from));
  }
}

/** For what only looks like a key. */
const shapePlaceholder = "[redacted]";

/** Finds what begins as a known kind of key does, and goes on for long enough. */
class ShapeSearch {
  readonly #whole: RegExp;
  /** A shape that has begun and is still too short. */
  readonly #short: RegExp;
  readonly #bodies: readonly RegExp[];
  /** Proper beginnings of what shapes start with. */
  readonly #starts: ReadonlySet<string>;
  readonly #longest: number;

  constructor(shapes: readonly KeyShape[]) {
    const wholes = shapes.map(({ start, body, least }) => `(${boundary}${escaped(start)}${body}{${least},})`);
    const shorts = shapes.map(({ start, body, least }) => `${escaped(start)}${body}{0,${least - 1}}`);
    this.#whole = new RegExp(wholes.join("|"), "g");
    this.#short = new RegExp(`${boundary}(?:${shorts.join("|")})$`, "g");
    this.#bodies = shapes.map(({ body }) => new RegExp(`${body}*`, "y"));
    this.#starts = new Set(shapes.flatMap(({ start }) => properBeginnings(start)));
    this.#longest = Math.max(...shapes.map(({ start }) => start.length));
  }

  find(text: string, from: number): FoundSecret | null {
    this.#whole.lastIndex = from;
    const found = this.#whole.exec(text);
    if (found === null) return null;
    const body = this.#bodies[found.slice(1).findIndex((group) => group !== undefined)] ?? null;
    return { start: found.index, end: found.index + found[0].length, placeholder: shapePlaceholder, body };
  }

  openFrom(text: string, from: number): number {
    this.#short.lastIndex = from;
    const limit = this.#short.exec(text)?.index ?? text.length;
    for (let at = Math.max(from, text.length - this.#longest + 1); at < limit; at++) {
      if (this.#starts.has(text.slice(at)) && !inWord.test(text.charAt(at - 1))) return at;
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
