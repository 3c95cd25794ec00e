import type { Entry, Journal, Written } from "../journal.ts";

interface WriterParts {
  readonly journal: Journal;
  readonly sessionId: string;
  /** Something was refused: nothing that this run writes will be accepted any more. */
  readonly refused: () => void;
}

/**
 * What a run writes, in order: entries of a session are committed in the order they were written, so whatever is awaited is durable
 * only after all that was posted before.
 */
export class RunWriter {
  readonly #parts: WriterParts;
  /** Entries that were posted, and those of them that are written. */
  #posted = 0;
  #written = 0;
  #flushing: { readonly upTo: number; readonly done: () => void }[] = [];
  #failure: Error | undefined;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** Resolves when it is durable. */
  write(entry: Entry): Promise<void> {
    return this.#parts.journal.write(this.#parts.sessionId, entry);
  }

  /** Writes without waiting. A failure shows in `check` and `flushed`. */
  post(entry: Entry, refused?: (error: Error) => void): void {
    this.#posted++;
    this.#parts.journal.post(this.#parts.sessionId, entry, refused === undefined ? this.#onWritten : this.#telling(refused));
  }

  /** The same for what does not count: nobody waits for it, and nothing fails with it. */
  report(entry: Entry): void {
    this.#parts.journal.post(this.#parts.sessionId, entry, () => undefined);
  }

  /** Throws when something was refused. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves when all that was posted is durable; throws when something was refused. */
  async flushed(): Promise<void> {
    const upTo = this.#posted;
    if (this.#written < upTo) await new Promise<void>((done) => this.#flushing.push({ upTo, done }));
    this.check();
  }

  #telling(refused: (error: Error) => void): Written {
    return (error) => {
      this.#onWritten(error);
      if (error !== undefined) refused(error);
    };
  }

  readonly #onWritten = (error: Error | undefined): void => {
    this.#written++;
    this.#failure ??= error;
    while (this.#flushing[0] !== undefined && this.#flushing[0].upTo <= this.#written) this.#flushing.shift()?.done();
    if (this.#failure !== undefined) this.#parts.refused();
  };
}
