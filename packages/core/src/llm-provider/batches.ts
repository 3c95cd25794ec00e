import type { LanguageModel, ModelPart } from "./language-model.ts";

export type Batch = readonly ModelPart[];
/** A stream of parts that is being read. */
export type Batches = AsyncIterator<Batch, undefined, undefined>;

const over: IteratorResult<Batch, undefined> = { done: true, value: undefined };

/** The model with another way to stream. What it can do is asked each time: it may turn out during a call. */
export function streamingAs(model: LanguageModel, stream: LanguageModel["stream"]): LanguageModel {
  const { id, provider } = model;
  return {
    id,
    provider,
    get capabilities() {
      return model.capabilities;
    },
    stream,
  };
}

/** A stream that has nothing else to say. */
export async function* only(...batches: readonly Batch[]): AsyncGenerator<Batch, undefined, undefined> {
  yield* batches;
  return undefined;
}

/**
 * A stream whose beginning takes steps: waits, retries, another model. What the opening yields comes first; what it returns
 * is the rest, and is read directly, so that a part costs nothing for how its stream began.
 */
export function beginning(open: () => AsyncGenerator<Batch, Batches, undefined>): AsyncIterable<Batch> {
  return { [Symbol.asyncIterator]: () => new BegunStream(open()) };
}

class BegunStream implements Batches {
  readonly #opening: AsyncGenerator<Batch, Batches, undefined>;
  #rest: Batches | null = null;

  constructor(opening: AsyncGenerator<Batch, Batches, undefined>) {
    this.#opening = opening;
  }

  next(): Promise<IteratorResult<Batch, undefined>> {
    return this.#rest === null ? this.#open() : this.#rest.next();
  }

  async return(): Promise<IteratorResult<Batch, undefined>> {
    if (this.#rest === null) await this.#opening.return(only());
    else await this.#rest.return?.();
    return over;
  }

  async #open(): Promise<IteratorResult<Batch, undefined>> {
    const next = await this.#opening.next();
    if (next.done !== true) return next;
    this.#rest = next.value;
    return this.#rest.next();
  }
}

export interface Watcher {
  /** Sees each batch, and may put another in its place. */
  readonly batch: (batch: Batch) => Batch;
  /** Called once, when the stream is over: read to its end, left, or broken. */
  readonly over?: () => void;
}

/** The stream with somebody who looks on. */
export function watched(stream: Batches, watcher: Watcher): Batches {
  return new WatchedBatches(stream, watcher);
}

class WatchedBatches implements Batches {
  readonly #stream: Batches;
  readonly #watcher: Watcher;
  #over = false;

  constructor(stream: Batches, watcher: Watcher) {
    this.#stream = stream;
    this.#watcher = watcher;
  }

  next(): Promise<IteratorResult<Batch, undefined>> {
    return this.#stream.next().then(this.#look, this.#broke);
  }

  async return(): Promise<IteratorResult<Batch, undefined>> {
    this.#end();
    await this.#stream.return?.();
    return over;
  }

  readonly #look = (next: IteratorResult<Batch, undefined>): IteratorResult<Batch, undefined> => {
    if (next.done === true) {
      this.#end();
      return over;
    }
    const batch = this.#watcher.batch(next.value);
    return batch === next.value ? next : { done: false, value: batch };
  };

  readonly #broke = (error: unknown): never => {
    this.#end();
    throw error;
  };

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#watcher.over?.();
  }
}
