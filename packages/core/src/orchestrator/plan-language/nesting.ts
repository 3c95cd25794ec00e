import { narrowedCode } from "./punctuation.ts";
import { closingQuotes, tripleQuoteAt } from "./quotes.ts";

const BACKSLASH = 92;
const HASH = 35;
const SLASH = 47;
const LESS_THAN = 60;
const ROUND_CLOSE = 41;
const CURLY_CLOSE = 125;

const codes = (pairs: Iterable<readonly [string, string]>): ReadonlyMap<number, number> =>
  new Map([...pairs].map(([open, close]) => [open.charCodeAt(0), close.charCodeAt(0)]));

/** Closing character by opening one. In prose an apostrophe opens nothing. */
const callQuotes = codes(closingQuotes);
const proseQuotes = codes([...closingQuotes].filter(([open]) => open === '"' || open === "\u201c"));
const brackets = codes([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
]);
const closers: ReadonlySet<number> = new Set(brackets.values());

/** `<<NAME`, and forms that are none but announce a block all the same, as in a shell. */
const announcedInCall = /<<[-~]?[ \t]*["'\u2018\u2019\u201c\u201d]?([A-Za-z0-9_]+)/y;
const announcedInProse = /<<[-~]?["']?([A-Za-z0-9_]+)/y;

/** Where the text begins: inside the brackets of a call or of an object, behind a call, or outside of any. */
export type NestingMode = "call" | "object" | "tail" | "prose";

/**
 * Follows strings and brackets through text that comes in lines, so that it is known where a call ends before it is read.
 * Never fails: a closing bracket closes everything inside its own opening one, and is ignored when it has none.
 */
export class Nesting {
  /** Names of the blocks announced outside strings, in order. */
  readonly blocks: string[] = [];
  readonly #inside: boolean;
  readonly #mode: NestingMode;
  readonly #stack: number[] = [];
  readonly #count = new Map<number, number>();
  /** What closes the open string: a UTF-16 unit, 0 for none; three quotes where it was opened by three. */
  #quote = 0;
  #triple: string | null = null;
  #escaped = false;

  constructor(mode: NestingMode) {
    this.#mode = mode;
    this.#inside = mode === "call" || mode === "object";
    if (this.#inside) this.#open(mode === "call" ? ROUND_CLOSE : CURLY_CLOSE);
  }

  /** Whether a string or bracket is open. */
  get open(): boolean {
    return this.#quote !== 0 || this.#stack.length > 0;
  }

  /** Goes on at `from`. Gives the index after the bracket that closes the call or object, or the text's length. */
  scan(text: string, from: number): number {
    for (let index = from; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (this.#quote !== 0) {
        index += this.#inString(text, index);
        continue;
      }
      if (this.#opensString(text, index)) index += this.#triple === null ? 0 : 2;
      else if (this.#opensBracket(code) || (code === LESS_THAN && this.#announces(text, index))) continue;
      else if (this.#closes(code)) return index + 1;
      else if (!this.open && this.#isComment(text, index)) return text.length;
    }
    return text.length;
  }

  /** Gives how many units more than one are done with. */
  #inString(text: string, index: number): number {
    const code = text.charCodeAt(index);
    if (this.#escaped) this.#escaped = false;
    else if (code === BACKSLASH) this.#escaped = true;
    else if (code === this.#quote && (this.#triple === null || text.startsWith(this.#triple, index))) {
      const more = this.#triple === null ? 0 : 2;
      this.#quote = 0;
      this.#triple = null;
      return more;
    }
    return 0;
  }

  #opensString(text: string, index: number): boolean {
    const quote = (this.#inside ? callQuotes : proseQuotes).get(text.charCodeAt(index));
    if (quote === undefined) return false;
    this.#quote = quote;
    this.#triple = tripleQuoteAt(text, index);
    return true;
  }

  #opensBracket(code: number): boolean {
    const bracket = brackets.get(narrowedCode(code));
    if (bracket !== undefined) this.#open(bracket);
    return bracket !== undefined;
  }

  /** Whether the call or object itself ends here. */
  #closes(code: number): boolean {
    const closer = narrowedCode(code);
    if (!closers.has(closer)) return false;
    this.#close(closer);
    return this.#inside && !this.open;
  }

  /** `#`, and behind a call `//`. */
  #isComment(text: string, index: number): boolean {
    const code = text.charCodeAt(index);
    if (this.#inside) return false;
    return code === HASH || (code === SLASH && this.#mode === "tail" && text.charCodeAt(index + 1) === SLASH);
  }

  #open(closer: number): void {
    this.#stack.push(closer);
    this.#count.set(closer, (this.#count.get(closer) ?? 0) + 1);
  }

  /** The counts make the search for a missing opening bracket free, so that the total stays linear. */
  #close(closer: number): void {
    if ((this.#count.get(closer) ?? 0) === 0) return;
    for (let top = this.#stack.pop(); top !== undefined; top = this.#stack.pop()) {
      this.#count.set(top, (this.#count.get(top) ?? 0) - 1);
      if (top === closer) return;
    }
  }

  #announces(text: string, index: number): boolean {
    const pattern = this.#inside ? announcedInCall : announcedInProse;
    pattern.lastIndex = index;
    const name = pattern.exec(text)?.[1];
    if (name !== undefined) this.blocks.push(name);
    return name !== undefined;
  }
}
