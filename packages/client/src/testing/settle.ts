import type { Readable } from "../readable.ts";

/** Lets everything run that is already on its way in microtasks. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** Resolves with the value once it is as wanted. */
export function until<T>(readable: Readable<T>, wanted: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    const check = (): void => {
      const value = readable.get();
      if (!wanted(value)) return;
      unsubscribe();
      resolve(value);
    };
    const unsubscribe = readable.subscribe(check);
    check();
  });
}

/** Flushes when the test says so. */
export class ManualSchedule {
  #flushes: (() => void)[] = [];

  readonly schedule = (flush: () => void): void => {
    this.#flushes.push(flush);
  };

  /** How many flushes wait. */
  get waiting(): number {
    return this.#flushes.length;
  }

  flush(): void {
    const flushes = this.#flushes;
    this.#flushes = [];
    for (const flush of flushes) flush();
  }
}
