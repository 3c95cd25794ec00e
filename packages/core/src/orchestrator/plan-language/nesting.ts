const BACKSLASH = 92;
const LESS_THAN = 60;

/** The character that closes each string, by the one that opens it. */
const quotes: ReadonlyMap<number, number> = new Map([
  ['"', '"'],
  ["'", "'"],
  ["\u201c", "\u201d"],
  ["\u201d", "\u201d"],
  ["\u2018", "\u2019"],
  ["\u2019", "\u2019"],
].map(([open = "", close = ""]) => [open.charCodeAt(0), close.charCodeAt(0)]));

const brackets: ReadonlyMap<number, number> = new Map([
  [40, 41],
  [91, 93],
  [123, 125],
]);
const closers: ReadonlySet<number> = new Set(brackets.values());

/** `<<NAME`, and forms that are none but announce a block all the same, as in a shell. */
const placeholder = /<<[-~]?[ \t]*["'\u2018\u2019\u201c\u201d]?([A-Za-z0-9_]+)/y;

/**
 * Follows strings and brackets through text that comes in lines, so that it is known where a call ends before it is read.
 * Never fails: a closing bracket closes everything inside its own opening one, and is ignored when it has none.
 */
export class Nesting {
  /** Names of the blocks announced outside strings, in order. */
  readonly blocks: string[] = [];
  readonly #stack: number[] = [];
  readonly #count = new Map<number, number>();
  #quote = 0;
  #escaped = false;

  /** Goes on at `from`. Gives the index after the bracket that closes all, or -1 when the text ends before that. */
  scan(text: string, from: number): number {
    for (let index = from; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (this.#quote !== 0) this.#inString(code);
      else if (quotes.has(code)) this.#quote = quotes.get(code) ?? 0;
      else if (brackets.has(code)) this.#open(brackets.get(code) ?? 0);
      else if (closers.has(code)) {
        this.#close(code);
        if (this.#stack.length === 0) return index + 1;
      } else if (code === LESS_THAN && text.charCodeAt(index + 1) === LESS_THAN) {
        this.#announce(text, index++);
      }
    }
    return -1;
  }

  #inString(code: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === BACKSLASH) this.#escaped = true;
    else if (code === this.#quote) this.#quote = 0;
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

  #announce(text: string, index: number): void {
    placeholder.lastIndex = index;
    const name = placeholder.exec(text)?.[1];
    if (name !== undefined) this.blocks.push(name);
  }
}
