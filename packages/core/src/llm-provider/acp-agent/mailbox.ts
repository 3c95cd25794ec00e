/** What came of waiting. */
export type News<T> = { readonly status: "items"; readonly items: readonly T[] } | { readonly status: "silent" | "aborted" };

const mostItems = 1000;

/** Things on their way from a process to the one who waits for them, all that came meanwhile at once. */
export class Mailbox<T> {
  #items: T[] = [];
  #emptied: (() => void) | null = null;
  #wake: (() => void) | null = null;
  #lifeSign: (() => void) | null = null;

  put(...items: readonly T[]): void {
    this.#items.push(...items);
    this.#wake?.();
  }

  /** Resolves when there is room for more: who puts faster than another takes is to wait. One caller at a time. */
  room(): Promise<void> {
    if (this.#items.length < mostItems) return Promise.resolve();
    return new Promise((resolve) => {
      this.#emptied = resolve;
    });
  }

  /** Something came that is not for the one who waits: the silence begins anew. */
  lifeSign(): void {
    this.#lifeSign?.();
  }

  /** Waits until something is there, nothing has come for so long, or the signal aborts, which wins. One caller at a time. */
  async take(silenceMs: number, signal: AbortSignal): Promise<News<T>> {
    const silent = this.#items.length === 0 && !signal.aborted && (await this.#wait(silenceMs, signal));
    if (signal.aborted) return { status: "aborted" };
    if (silent) return { status: "silent" };
    const items = this.#items;
    this.#items = [];
    this.#emptied?.();
    return { status: "items", items };
  }

  /** Resolves with whether it was silent for too long. */
  #wait(silenceMs: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (silent: boolean): void => {
        clearTimeout(silence);
        signal.removeEventListener("abort", wake);
        this.#wake = this.#lifeSign = null;
        resolve(silent);
      };
      const wake = (): void => finish(false);
      const silence = setTimeout(() => finish(true), silenceMs);
      this.#wake = wake;
      this.#lifeSign = () => silence.refresh();
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
