/** What a double answers: one reply per call in order, or whatever a function makes of the call. */
export type Script<Call, Reply> = readonly Reply[] | ((call: Call) => Reply | Promise<Reply>);

/** Plays a script and knows whether all of it, and nothing else, was asked for. */
export class ScriptPlayer<Call, Reply> {
  readonly #replies: Script<Call, Reply>;
  #played = 0;
  #surplus = 0;

  constructor(replies: Script<Call, Reply>) {
    this.#replies = replies;
  }

  /** The reply to this call; `undefined` where the script has no more. */
  async next(call: Call): Promise<Reply | undefined> {
    if (typeof this.#replies === "function") return this.#replies(call);
    const reply = this.#replies[this.#played];
    if (reply === undefined) this.#surplus += 1;
    else this.#played += 1;
    return reply;
  }

  /** Throws when replies of a list are left, or calls came that it had no reply for. */
  assertComplete(): void {
    const left = typeof this.#replies === "function" ? 0 : this.#replies.length - this.#played;
    if (left > 0) throw new Error(`${left} of the scripted replies were never asked for`);
    if (this.#surplus > 0) throw new Error(`${this.#surplus} calls came after the last scripted reply`);
  }
}
