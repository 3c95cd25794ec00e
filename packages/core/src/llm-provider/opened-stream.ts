import type { LanguageModel, ModelError, ModelPart, ModelRequest } from "./language-model.ts";

/** A stream whose beginning is known: either it failed before any part, or it began and can only be passed on. */
export type OpenedStream =
  | { readonly status: "failed"; readonly error: ModelError; batches(): Batches }
  | { readonly status: "begun"; batches(): Batches };

type Batches = AsyncGenerator<readonly ModelPart[], void, undefined>;

/**
 * Starts a call and waits for its beginning; notices that come before are passed on at once. What fails here can be tried
 * again, or elsewhere: nobody has seen a part of the answer.
 */
export async function* openStream(
  model: LanguageModel,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<readonly ModelPart[], OpenedStream, undefined> {
  const iterator = model.stream(request, signal)[Symbol.asyncIterator]();
  let handedOver = false;
  try {
    let first = await iterator.next();
    while (first.done !== true && first.value.every(({ type }) => type === "notice")) {
      yield first.value;
      first = await iterator.next();
    }
    const part = first.done === true ? undefined : first.value[0];
    const batches = () => passOn(iterator, first);
    handedOver = part?.type !== "error";
    return part?.type === "error" ? { status: "failed", error: part.error, batches } : { status: "begun", batches };
  } finally {
    if (!handedOver) await iterator.return?.();
  }
}

async function* passOn(iterator: AsyncIterator<readonly ModelPart[]>, first: IteratorResult<readonly ModelPart[]>): Batches {
  try {
    for (let next = first; next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
