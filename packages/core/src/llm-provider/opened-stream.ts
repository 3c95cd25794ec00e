import type { LanguageModel, ModelError, ModelPart, ModelRequest } from "./language-model.ts";

/** A stream whose first batch is known: either it failed before any part, or it began and can only be passed on. */
export type OpenedStream =
  | { readonly status: "failed"; readonly error: ModelError; batches(): Batches }
  | { readonly status: "begun"; batches(): Batches };

type Batches = AsyncGenerator<readonly ModelPart[], void, undefined>;

/** Starts a call and waits for its first batch. What fails here can be tried again, or elsewhere: nobody has seen a part of it. */
export async function openStream(model: LanguageModel, request: ModelRequest, signal: AbortSignal): Promise<OpenedStream> {
  const iterator = model.stream(request, signal)[Symbol.asyncIterator]();
  const first = await iterator.next();
  const part = first.done === true ? undefined : first.value[0];
  const batches = () => passOn(iterator, first);
  if (part?.type !== "error") return { status: "begun", batches };
  await iterator.return?.();
  return { status: "failed", error: part.error, batches };
}

async function* passOn(iterator: AsyncIterator<readonly ModelPart[]>, first: IteratorResult<readonly ModelPart[]>): Batches {
  try {
    for (let next = first; next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
