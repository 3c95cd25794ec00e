import type { Json } from "@orquestra/protocol";

/** Least time between two pieces of news of one todo, in milliseconds: more nobody can follow. */
const gap = 50;
/** Milliseconds without news after which a tool counts as silent, where it says nothing else. */
const usualPatience = 15_000;

export interface Watched {
  /** As the tool declares it. */
  readonly silentAfterMs: number | undefined;
  /** Takes what the tool tells. */
  tell(data: Json): void;
  /** Takes for how long nothing was heard; 0 when something is again. */
  silent(seconds: number): void;
}

/**
 * Watches over a call that runs. Its news go on, the latest ones where they come too fast; that none come is told, again
 * each time that the silence has become twice as long. After `end` nothing is told any more.
 */
export class SignsOfLife {
  readonly #watched: Watched;
  #patience: number;
  #silentFor = 0;
  #timer: NodeJS.Timeout;
  #gap: NodeJS.Timeout | null = null;
  #pending: { readonly data: Json } | null = null;
  #ended = false;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#patience = Math.max(1, watched.silentAfterMs ?? usualPatience);
    this.#timer = this.#listen(this.#patience);
  }

  news(data: Json): void {
    if (this.#ended) return;
    this.#heard();
    if (this.#gap === null) this.#tell(data);
    else this.#pending = { data };
  }

  /** The last news go out before it. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    if (this.#gap !== null) clearTimeout(this.#gap);
    if (this.#pending !== null) this.#watched.tell(this.#pending.data);
  }

  #listen(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#silentFor += milliseconds;
      this.#watched.silent(Math.max(1, Math.round(this.#silentFor / 1000)));
      this.#timer = this.#listen(this.#silentFor);
    }, milliseconds);
  }

  /** A tool that is slow to speak is given more time, so that it does not fill the log. */
  #heard(): void {
    if (this.#silentFor === 0) {
      this.#timer.refresh();
      return;
    }
    clearTimeout(this.#timer);
    this.#silentFor = 0;
    this.#patience *= 2;
    this.#watched.silent(0);
    this.#timer = this.#listen(this.#patience);
  }

  #tell(data: Json): void {
    this.#watched.tell(data);
    this.#gap = setTimeout(() => {
      this.#gap = null;
      const pending = this.#pending;
      this.#pending = null;
      if (pending !== null) this.#tell(pending.data);
    }, gap);
  }
}
