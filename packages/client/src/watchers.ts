import { type Readable, callAll } from "./readable.ts";

/** Readables by key whose listeners are called only when somebody says that this key changed. */
export class Watchers {
  readonly #readables = new Map<string, Readable<unknown>>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #retain: () => () => void;

  /** `retain` is called for each subscription, and what it returns at the end of that. */
  constructor(retain: () => () => void) {
    this.#retain = retain;
  }

  /** The readable of that key, the same each time. */
  readable<T>(key: string, get: () => T): Readable<T> {
    const known = this.#readables.get(key);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one key is one kind of entity
    if (known !== undefined) return known as Readable<T>;
    const readable: Readable<T> = { get, subscribe: (listener) => this.#subscribe(key, listener) };
    this.#readables.set(key, readable);
    return readable;
  }

  watched(): readonly string[] {
    return [...this.#listeners.keys()];
  }

  isWatched(key: string): boolean {
    return this.#listeners.has(key);
  }

  read(key: string): unknown {
    return this.#readables.get(key)?.get();
  }

  notify(keys: readonly string[]): void {
    callAll(keys.flatMap((key) => [...(this.#listeners.get(key) ?? [])]));
  }

  #subscribe(key: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners);
    // Wrapped, so that one function subscribed twice counts twice.
    const entry = (): void => listener();
    listeners.add(entry);
    const release = this.#retain();
    return () => {
      if (!listeners.delete(entry)) return;
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
      release();
    };
  }
}
