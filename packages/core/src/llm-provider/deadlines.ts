import { type Batch, streamingAs } from "./batches.ts";
import { type LanguageModel, ModelError, type ModelRequest } from "./language-model.ts";

/** How long a model may be silent, in ms. */
export interface Deadlines {
  readonly firstPartMs: number;
  readonly nextPartMs: number;
}

/**
 * Longer than any adapter waits for its server, which knows better what went wrong: this is for adapters that do not look,
 * and for servers that send signs of life and nothing else. Reasoning may take minutes without a word.
 */
export const defaultDeadlines: Deadlines = { firstPartMs: 600_000, nextPartMs: 600_000 };

/** The model, with an end to its silence: a call that gives nothing for too long is stopped and ends with a `network` error. */
export function withDeadlines(model: LanguageModel, deadlines: Deadlines): LanguageModel {
  return streamingAs(model, (request: ModelRequest, signal: AbortSignal) => ({
    [Symbol.asyncIterator]: () => new WatchedStream(model, deadlines, { request, signal }),
  }));
}

type Next = IteratorResult<Batch, undefined>;

const over: Next = { done: true, value: undefined };

/**
 * A class and not a generator: an adapter that never answers must not hold up whoever waits for it. A part costs a look at the
 * clock: the one timer finds out when it fires how long it was silent, and goes on waiting for the rest.
 */
class WatchedStream implements AsyncIterator<Batch, undefined, undefined> {
  readonly #provider: string;
  readonly #inner: AsyncIterator<Batch>;
  readonly #signal: AbortSignal;
  readonly #call = new AbortController();
  readonly #nextPartMs: number;
  #ms: number;
  #silence: NodeJS.Timeout;
  /** When somebody began to wait, in milliseconds of the process. */
  #since = performance.now();
  #began = false;
  #over = false;
  #waiting: { readonly give: (next: Next) => void; readonly fail: (error: unknown) => void } | null = null;

  constructor(
    model: LanguageModel,
    deadlines: Deadlines,
    call: { readonly request: ModelRequest; readonly signal: AbortSignal },
  ) {
    this.#provider = model.provider;
    this.#ms = deadlines.firstPartMs;
    this.#nextPartMs = deadlines.nextPartMs;
    this.#signal = call.signal;
    this.#signal.addEventListener("abort", this.#stop, { once: true });
    if (this.#signal.aborted) this.#stop();
    this.#silence = setTimeout(this.#look, this.#ms);
    this.#inner = model.stream(call.request, this.#call.signal)[Symbol.asyncIterator]();
  }

  next(): Promise<Next> {
    if (this.#over) return Promise.resolve(over);
    this.#since = performance.now();
    const next = new Promise<Next>(this.#wait);
    try {
      this.#inner.next().then(this.#arrived, this.#broke);
    } catch (error) {
      this.#broke(error);
    }
    return next;
  }

  async return(): Promise<Next> {
    if (!this.#over) await this.#inner.return?.();
    this.#finish();
    return over;
  }

  readonly #wait = (give: (next: Next) => void, fail: (error: unknown) => void): void => {
    this.#waiting = { give, fail };
  };

  readonly #stop = (): void => this.#call.abort(this.#signal.reason);

  readonly #arrived = (next: IteratorResult<Batch>): void => {
    const waiting = this.#answer();
    if (waiting === null) return this.#leave();
    if (next.done === true) this.#finish();
    else if (!this.#began) this.#begin();
    waiting.give(next.done === true ? over : next);
  };

  readonly #broke = (error: unknown): void => {
    this.#finish();
    this.#answer()?.fail(error);
  };

  readonly #look = (): void => {
    // Silence while nobody asks for more is none.
    const left = this.#waiting === null ? this.#ms : this.#ms - (performance.now() - this.#since);
    if (left < 1) this.#giveUp();
    else this.#silence = setTimeout(this.#look, left);
  };

  /** The call is told to end, and nobody waits until it has. */
  #giveUp(): void {
    const waiting = this.#answer();
    this.#finish();
    this.#call.abort();
    waiting?.give({ done: false, value: [{ type: "error", error: this.#failure() }] });
  }

  /** What comes too late is thrown away, and so is what letting go of it may say. */
  #leave(): void {
    this.#inner.return?.().catch(() => undefined);
  }

  #begin(): void {
    this.#began = true;
    clearTimeout(this.#silence);
    this.#ms = this.#nextPartMs;
    this.#silence = setTimeout(this.#look, this.#ms);
  }

  #answer() {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }

  #failure(): ModelError {
    const message = this.#began
      ? `${this.#provider} went silent in the middle of an answer: nothing came for ${seconds(this.#ms)} s. Try again.`
      : `${this.#provider} has not answered for ${seconds(this.#ms)} s. Try again, or pick another model.`;
    return new ModelError("network", message, { retryable: true });
  }

  #finish(): void {
    this.#over = true;
    this.#signal.removeEventListener("abort", this.#stop);
    clearTimeout(this.#silence);
  }
}

function seconds(ms: number): number {
  return Math.max(1, Math.round(ms / 1000));
}
