/**
 * Where any of many literals stands in a text: the leftmost, and the longest of those that begin there (Wu and Manber's way).
 * Looks at pairs of characters and leaps over as many as the shortest literal allows, so a text without any costs a
 * fraction of a nanosecond a character, however many literals there are.
 */
export class LiteralSearch {
  /** What every literal is long enough for. */
  readonly #window: number;
  /** How far the window may move when it ends with a pair: 0 where a literal may be inside it. */
  readonly #shifts = new Uint8Array(pairs);
  /** Literals by the pair that the window ends with, longest first. */
  readonly #ending = new Map<number, readonly string[]>();
  /** Literals by their first pair, and the characters they begin with. */
  readonly #beginning = new Map<number, readonly string[]>();
  readonly #firsts: ReadonlySet<number>;
  readonly longest: number;

  /** Literals of at least two characters. */
  constructor(literals: Iterable<string>) {
    const all = [...new Set(literals)].toSorted((a, b) => b.length - a.length);
    this.longest = all[0]?.length ?? 0;
    this.#window = Math.min(all.at(-1)?.length ?? 0, 255);
    this.#shifts.fill(Math.max(0, this.#window - 1));
    this.#firsts = new Set(all.map((literal) => literal.charCodeAt(0)));
    for (const literal of all) {
      for (let end = 1; end < this.#window; end++) {
        const pair = pairAt(literal, end);
        this.#shifts[pair] = Math.min(this.#shifts[pair] ?? 0, this.#window - 1 - end);
      }
      push(this.#ending, pairAt(literal, this.#window - 1), literal);
      push(this.#beginning, pairAt(literal, 1), literal);
    }
  }

  /** The first that begins at a place or behind it. */
  find(text: string, from: number): { readonly start: number; readonly literal: string } | null {
    const window = this.#window;
    if (window === 0) return null;
    const { length } = text;
    for (let end = from + window - 1; end < length;) {
      const pair = pairAt(text, end);
      const shift = this.#shifts[pair] ?? 0;
      if (shift > 0) {
        end += shift;
        continue;
      }
      const start = end - window + 1;
      const literal = this.#ending.get(pair)?.find((one) => text.startsWith(one, start));
      if (literal !== undefined) return { start, literal };
      end++;
    }
    return null;
  }

  /** The first place, not before `from`, from which on the rest of the text is a proper beginning of a literal; its length where there is none. */
  openFrom(text: string, from: number): number {
    const { length } = text;
    for (let at = Math.max(from, length - this.longest + 1); at < length - 1; at++) {
      const begun = this.#beginning.get(pairAt(text, at + 1));
      if (begun === undefined) continue;
      const rest = text.slice(at);
      if (begun.some((literal) => literal.length > rest.length && literal.startsWith(rest))) return at;
    }
    const last = length - 1;
    return last >= from && this.#firsts.has(text.charCodeAt(last)) ? last : length;
  }
}

/** Pairs of ASCII characters have a number each; others share them. */
const pairs = 1 << 14;

/** Of the character at a place and the one before it. */
function pairAt(text: string, end: number): number {
  return ((text.charCodeAt(end - 1) << 7) ^ text.charCodeAt(end)) & (pairs - 1);
}

function push(table: Map<number, readonly string[]>, key: number, literal: string): void {
  table.set(key, [...(table.get(key) ?? []), literal]);
}
