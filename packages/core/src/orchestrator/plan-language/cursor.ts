import { PlanError, failureCodes } from "./plan-error.ts";
import { narrowed } from "./punctuation.ts";

const space = /[ \t\r\n]*/y;

/** A place in the text of one call. Every pattern given to it is sticky. */
export class Cursor {
  position: number;
  readonly text: string;
  /** How many block placeholders have been read. */
  blocks = 0;

  constructor(text: string, position = 0) {
    this.text = text;
    this.position = position;
  }

  /** The character here; "" at the end. A full-width mark is given in its narrow form. */
  get next(): string {
    return narrowed(this.text.charAt(this.position));
  }

  /** The match of a sticky pattern here, which is then behind the cursor; null leaves it where it is. */
  take(pattern: RegExp): RegExpExecArray | null {
    const found = this.look(pattern);
    if (found !== null) this.position += found[0].length;
    return found;
  }

  look(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position;
    return pattern.exec(this.text);
  }

  skipSpace(): void {
    this.take(space);
  }

  /** Takes this character, after white space, if it is the next one. */
  takeIf(character: string): boolean {
    this.skipSpace();
    if (this.next !== character || character === "") return false;
    this.position += 1;
    return true;
  }

  fail(problem: string): never {
    throw new PlanError(failureCodes.syntax, `At character ${this.position + 1}: ${problem}`);
  }
}
