const LINE_FEED = 10;
const RETURN = 13;
const TAB = 9;
const SPACE = 32;
const BACKTICK = 96;
/** A byte order mark, as some servers put it in front of the stream. */
const MARK = 0xfeff;
const TAG = "plan";

/**
 * Decides character by character whether a line is the opening fence of a plan: up to 3 spaces, 3 or more backticks, `plan`.
 * `pending` means that it still can become one, so that only such a beginning is ever withheld.
 */
export class OpeningFence {
  indent = 0;
  ticks = 0;
  #letters = 0;
  #stage: "ticks" | "tag" | "return" = "ticks";

  /** Takes the next UTF-16 unit of the line. After `opened` (at the line feed) or `failed` it must not be used again. */
  step(code: number): "pending" | "opened" | "failed" {
    if (this.#stage === "ticks") return this.#ticks(code);
    if (this.#stage === "tag") return this.#tag(code);
    return code === LINE_FEED ? "opened" : "failed";
  }

  /** Whether the line would be an opening fence if it ended here. */
  get complete(): boolean {
    return this.#letters === TAG.length;
  }

  #ticks(code: number): "pending" | "failed" {
    if (code === MARK && this.ticks === 0) return "pending";
    if (code === SPACE && this.ticks === 0) return ++this.indent <= 3 ? "pending" : "failed";
    if (code === BACKTICK) {
      this.ticks += 1;
      return "pending";
    }
    if (this.ticks < 3) return "failed";
    this.#stage = "tag";
    return this.#tag(code) === "failed" ? "failed" : "pending";
  }

  #tag(code: number): "pending" | "opened" | "failed" {
    if (code === SPACE || code === TAB) return this.#letters === 0 || this.complete ? "pending" : "failed";
    if (!this.complete) return code === TAG.charCodeAt(this.#letters++) ? "pending" : "failed";
    if (code === LINE_FEED) return "opened";
    if (code !== RETURN) return "failed";
    this.#stage = "return";
    return "pending";
  }
}
