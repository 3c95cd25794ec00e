import type { Failure } from "@orquestra/protocol";
import { failureCodes } from "./plan-error.ts";
import { todoLimit } from "./plan-part.ts";

/** The source of one todo, cut out of the plan but not read yet. */
export interface Entry {
  /** From the start of its line to the end of the line on which its brackets close. */
  readonly call: string;
  /** The contents of its blocks, in order. */
  readonly blocks: readonly string[];
  /** Why it cannot be a todo, found already while cutting. */
  readonly problem: Failure | null;
}

/** UTF-16 units of an invalid line that are kept. */
const kept = 4_000;

/**
 * Cuts the inside of a plan fence into entries as it arrives. Lines are gathered whole, then given to the format once, so that
 * every character is looked at a fixed number of times. An entry over the limit is told of at once, and skipped to its own end.
 */
export abstract class EntryCutter {
  /** The closing fence has been read. */
  closed = false;
  readonly #emit: (entry: Entry) => void;
  readonly #closing: number;
  #line = "";
  #taken = 0;
  #tooLarge = false;

  /** `ticks`: how many backticks opened the fence. */
  constructor(ticks: number, emit: (entry: Entry) => void) {
    this.#closing = ticks;
    this.#emit = emit;
  }

  /** Takes a piece that has no line feed but, maybe, at its end. */
  push(piece: string): void {
    this.#line += piece;
    if (!this.#tooLarge && this.#taken + this.#line.length > todoLimit) this.#refuse();
    if (piece.endsWith("\n")) this.#lineEnds();
  }

  /** The stream has ended. `cut`: a last line without its line end is not whole. */
  end(how: "complete" | "cut"): void {
    if (this.#line !== "" && how === "complete") this.#lineEnds();
    if (this.closed) return;
    const open = this.openText();
    if (open === null && this.#line.trim() === "") return;
    const problem = how === "cut" ? brokeOff : this.whatIsMissing();
    this.emit({ call: (open ?? "") + this.#line, blocks: [], problem });
  }

  /** Takes a whole line with its line end. */
  protected abstract takeLine(line: string): void;

  /** What an entry has that is not complete yet; null between entries. */
  protected abstract openText(): string | null;

  /** Why the open entry cannot be complete at the end of the stream. */
  protected whatIsMissing(): Failure {
    return unclosed;
  }

  protected get skipping(): boolean {
    return this.#tooLarge;
  }

  protected emit(entry: Entry): void {
    if (this.#tooLarge) return;
    this.#emit(entry.problem === null ? entry : { ...entry, call: excerptOf(entry.call) });
  }

  protected isClosingFence(line: string): boolean {
    const fence = /^ {0,3}(`{3,})[ \t]*\r?\n?$/.exec(line)?.[1];
    return fence !== undefined && fence.length >= this.#closing;
  }

  #lineEnds(): void {
    const line = this.#line;
    this.#line = "";
    this.takeLine(line);
    const open = this.openText() !== null;
    this.#taken = open ? this.#taken + line.length : 0;
    this.#tooLarge = open && this.#tooLarge;
  }

  #refuse(): void {
    this.emit({ call: (this.openText() ?? "") + this.#line.slice(0, kept), blocks: [], problem: tooLarge });
    this.#tooLarge = true;
  }
}

/** A line between entries that says nothing to the engine. */
export function isComment(line: string): boolean {
  return line.startsWith("#") || line.startsWith("//");
}

export function excerptOf(text: string): string {
  return text.length <= kept ? text.trimEnd() : `${text.slice(0, kept)}…`;
}

const tooLarge: Failure = {
  code: failureCodes.unclosed,
  message: `A string, bracket or block is still open after ${todoLimit / 1024} KiB. Close it, or write less in one todo.`,
};

const unclosed: Failure = {
  code: failureCodes.unclosed,
  message: "A string, bracket or block of this line is never closed, so everything after it belongs to it. Close it.",
};

const brokeOff: Failure = { code: failureCodes.unclosed, message: "The answer broke off in this line." };
