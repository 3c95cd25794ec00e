import { EntryCutter, isComment } from "./entry-cutter.ts";
import { Nesting } from "./nesting.ts";

/** An object that is open, or text that is none but holds a string or bracket open. */
interface OpenEntry {
  readonly nesting: Nesting;
  text: string;
}

const separators = /[ \t\r\n,[\]]*/y;

/** Cuts a plan of JSON objects, one a todo. Commas and square brackets around them are skipped, so a JSON array is fine too. */
export class JsonCutter extends EntryCutter {
  #open: OpenEntry | null = null;

  protected override takeLine(line: string): void {
    if (this.#open === null && this.isClosingFence(line)) this.closed = true;
    if (this.closed || (this.#open === null && isComment(line.trimStart()))) return;
    let index = 0;
    while (index < line.length) index = this.#open === null ? this.#begin(line, index) : this.#follow(this.#open, line, index);
  }

  protected override openText(): string | null {
    return this.#open?.text ?? null;
  }

  #begin(line: string, from: number): number {
    separators.lastIndex = from;
    const start = from + (separators.exec(line)?.[0].length ?? 0);
    if (start === line.length) return start;
    const object = line[start] === "{";
    this.#open = { nesting: new Nesting(object ? "object" : "prose"), text: object ? "{" : "" };
    return object ? start + 1 : start;
  }

  #follow(open: OpenEntry, line: string, from: number): number {
    const end = open.nesting.scan(line, from);
    if (!this.skipping) open.text += line.slice(from, end);
    if (open.nesting.open) return end;
    this.#open = null;
    this.emit({ call: open.text, blocks: [], problem: null });
    return end;
  }
}
