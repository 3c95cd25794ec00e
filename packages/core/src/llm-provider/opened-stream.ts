import { type Batch, type Batches } from "./batches.ts";
import { type LanguageModel, type ModelPart, type ModelRequest, isAside } from "./language-model.ts";

/** A stream whose beginning is known: either it failed before any part, or it began and can only be passed on. */
export type OpenedStream =
  | { readonly status: "failed"; readonly failure: Failed; readonly batches: Batches }
  | { readonly status: "begun"; readonly batches: Batches };

type Failed = Extract<ModelPart, { readonly type: "error" }>;

/**
 * Starts a call and waits for its beginning; notices that come before are passed on at once. What fails here can be tried
 * again, or elsewhere: nobody has seen a part of the answer.
 */
export async function* openStream(
  model: LanguageModel,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<Batch, OpenedStream, undefined> {
  const iterator: Batches = model.stream(request, signal)[Symbol.asyncIterator]();
  let handedOver = false;
  try {
    let first = await iterator.next();
    while (first.done !== true && first.value.every(isAside)) {
      yield first.value;
      first = await iterator.next();
    }
    const part = first.done === true ? undefined : first.value[0];
    const batches = new PutBack(first, iterator);
    handedOver = part?.type !== "error";
    return part?.type === "error" ? { status: "failed", failure: part, batches } : { status: "begun", batches };
  } finally {
    if (!handedOver) await iterator.return?.();
  }
}

/** A stream whose first batch was read and is read again. */
class PutBack implements Batches {
  #first: IteratorResult<Batch, undefined> | null;
  readonly #rest: Batches;

  constructor(first: IteratorResult<Batch, undefined>, rest: Batches) {
    this.#first = first;
    this.#rest = rest;
  }

  next(): Promise<IteratorResult<Batch, undefined>> {
    const first = this.#first;
    if (first === null) return this.#rest.next();
    this.#first = null;
    return Promise.resolve(first);
  }

  async return(): Promise<IteratorResult<Batch, undefined>> {
    await this.#rest.return?.();
    return { done: true, value: undefined };
  }
}
