import { newId } from "../../lib/ids.ts";
import type { Feed } from "../live/feed.ts";
import type { Run } from "./run.ts";

/**
 * The text a turn writes for the person, streamed as one part that is opened by its first text. What comes on is handed out by
 * `flush`: what the network brought in one piece goes on as one, however many tokens it is.
 */
export class AnswerPart {
  readonly #run: Run;
  readonly #feed: Feed;
  readonly #turn: number;
  readonly #kind: "text" | "reasoning";
  readonly #partId = newId();
  readonly messageId: string;
  #text = "";
  /** The end of it that nobody was shown yet. */
  #pending = "";
  #open = false;

  constructor(
    run: Run,
    feed: Feed,
    part: { readonly turn: number; readonly kind: "text" | "reasoning"; readonly messageId: string },
  ) {
    this.#run = run;
    this.#feed = feed;
    this.#turn = part.turn;
    this.#kind = part.kind;
    this.messageId = part.messageId;
  }

  get text(): string {
    return this.#text;
  }

  append(text: string): void {
    if (text === "") return;
    this.#text += text;
    this.#pending += text;
    if (!this.#open) this.#begin();
  }

  flush(): void {
    if (this.#pending === "") return;
    this.#feed.append(this.#run.session.id, this.#partId, this.#pending);
    this.#pending = "";
  }

  /** Closes the part with its whole text; nothing happens for one that never had any. */
  close(cut: boolean): void {
    if (!this.#open) return;
    this.flush();
    this.#run.post([this.#run.event("part-closed", { partId: this.#partId, text: this.#text, ...(cut ? { cut } : {}) })]);
  }

  #begin(): void {
    this.#open = true;
    const part = { partId: this.#partId, messageId: this.messageId, turn: this.#turn, kind: this.#kind };
    this.#feed.openPart(this.#run.session.id, this.#partId);
    this.#run.post([this.#run.event("part-opened", part)]);
  }
}
