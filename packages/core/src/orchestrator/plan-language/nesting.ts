import { closingQuotes } from "./quotes.ts";

const BACKSLASH = 92;
const HASH = 35;
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

/** Where the text begins: inside the brackets of a call or of an object, or outside of any. */
export type NestingMode = "call" | "object" | "prose";

/**
 * Follows strings and brackets through text that comes in lines, so that it is known where a call ends before it is read.
 * Never fails: a closing bracket closes everything inside its own opening one, and is ignored when it has none.
 */
export class Nesting {
  /** Names of the blocks announced outside strings, in order. */
  readonly blocks: string[] = [];
  readonly #mode: NestingMode;
  readonly #stack: number[] = [];
  readonly #count = new Map<number, number>();
  #quote = 0;
  #escaped = false;

  constructor(mode: NestingMode) {
    this.#mode = mode;
    if (mode !== "prose") this.#open(mode === "call" ? ROUND_CLOSE : CURLY_CLOSE);
  }

  /** Whether a string or bracket is open. */
  get open(): boolean {
    return this.#quote !== 0 || this.#stack.length > 0;
  }

  /** Goes on at `from`. Gives the index after the bracket that closes the call or object, or the text's length. */
  scan(text: string, from: number): number {
    for (let index = from; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (this.#quote !== 0) this.#inString(code);
      else if (this.#opens(code) || (code === LESS_THAN && this.#announces(text, index))) continue;
      else if (closers.has(code)) {
        this.#close(code);
        if (this.#mode !== "prose" && !this.open) return index + 1;
      } else if (code === HASH && this.#mode === "prose" && !this.open) return text.length;
    }
    return text.length;
  }

  #inString(code: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === BACKSLASH) this.#escaped = true;
    else if (code === this.#quote) this.#quote = 0;
  }

  #opens(code: number): boolean {
    const quote = (this.#mode === "prose" ? proseQuotes : callQuotes).get(code);
    const bracket = brackets.get(code);
    if (quote !== undefined) this.#quote = quote;
    else if (bracket !== undefined) this.#open(bracket);
    return quote !== undefined || bracket !== undefined;
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
    const pattern = this.#mode === "prose" ? announcedInProse : announcedInCall;
    pattern.lastIndex = index;
    const name = pattern.exec(text)?.[1];
    if (name !== undefined) this.blocks.push(name);
    return name !== undefined;
  }
}
