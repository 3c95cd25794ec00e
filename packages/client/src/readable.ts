/** A value that changes. `get` gives the same reference until it does; fits React's useSyncExternalStore. */
export interface Readable<T> {
  get(): T;
  /** Calls the listener after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void;
}

/** A readable that somebody sets. Setting what it already is tells nobody. */
export class Cell<T> implements Readable<T> {
  readonly #listeners = new Set<() => void>();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get = (): T => this.#value;

  subscribe = (listener: () => void): (() => void) => {
    // Wrapped, so that one function subscribed twice counts twice.
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  };

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    callAll([...this.#listeners]);
  }
}

/** Calls every listener even when one throws; the first failure is thrown in the end. */
export function callAll(listeners: readonly (() => void)[]): void {
  const failures: unknown[] = [];
  for (const listener of listeners) {
    try {
      listener();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
