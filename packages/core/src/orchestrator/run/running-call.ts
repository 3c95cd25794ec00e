import { OrquestraError } from "../../lib/error.ts";

/** How long a tool may take to end after it was told to, before it counts as not reporting. Milliseconds. */
const grace = 5000;

export const noReport = new OrquestraError("no_report", "The tool did not report its end.");

/** Why the person's own word ended it. */
export const byUser = "The user stopped it.";

/**
 * A call that runs: its signal, its deadline, and how long it is waited for once it was told to stop. One timer and one promise,
 * no listener: its run stops it by hand.
 */
export class RunningCall {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #giveUp: ((error: OrquestraError) => void) | null = null;
  #reason: unknown = null;
  readonly #open = new Set<Promise<unknown>>();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it was told to stop; null where it was not. */
  get reason(): unknown {
    return this.#reason;
  }

  get stopped(): boolean {
    return this.#reason !== null;
  }

  /** Nothing that was started of it goes on, also nothing that is not waited for any more. */
  get hasEnded(): boolean {
    return this.#open.size === 0;
  }

  /** Resolves when that is so. */
  async ended(): Promise<void> {
    while (!this.hasEnded) await Promise.allSettled(this.#open);
  }

  /** Work of the tool itself, below all that may give it up earlier. */
  started<T>(work: Promise<T>): Promise<T> {
    const end = (): void => void this.#open.delete(work);
    this.#open.add(work);
    work.then(end, end);
    return work;
  }

  /** Resolves, with null, when it is told to stop. */
  whenStopped(): Promise<null> {
    return new Promise((resolve) => this.signal.addEventListener("abort", () => resolve(null), { once: true }));
  }

  /** It is stopped with that reason when it has not ended by then. */
  within(milliseconds: number, reason: () => OrquestraError): void {
    this.#timer = setTimeout(() => this.stop(reason()), milliseconds);
  }

  /** Aborts the signal; the first reason counts. */
  stop(reason: unknown): void {
    if (this.stopped) return;
    this.#reason = reason;
    this.#controller.abort(reason);
    this.#startGrace();
  }

  /** The work's own end, or `noReport` when it goes on for too long after it was told to stop. */
  end<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      if (this.stopped) this.#startGrace();
      work.then(resolve, reject);
    });
  }

  /** The same for work that ends with another signal. */
  async follow<T>(signal: AbortSignal, start: () => Promise<T>): Promise<T> {
    const stop = (): void => this.stop(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      return await this.end(start());
    } finally {
      signal.removeEventListener("abort", stop);
      this.forget();
    }
  }

  /** Nothing is waited for any more. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#giveUp = null;
  }

  #startGrace(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp?.(noReport), grace);
  }
}
