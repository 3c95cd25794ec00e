import assert from "node:assert/strict";
import { type Embedder, ModelError } from "../llm-provider/index.ts";
import type { ConformanceCase } from "./language-model-conformance.ts";

export interface EmbedderUnderTest {
  readonly embedder: Embedder;
  close(): Promise<void>;
}

type Check = (embedder: Embedder) => Promise<void>;

const never = new AbortController().signal;
const cosine = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

const checks: { readonly [title: string]: Check } = {
  "gives one vector of length one per text, in their order": async (embedder) => {
    const texts = Array.from({ length: 150 }, (_, index) => `text number ${index} ${"ab".repeat(index % 7)}`);
    const vectors = await embedder.embed(texts, never);
    assert.equal(vectors.length, texts.length);
    for (const vector of vectors) assert.ok(Math.abs(cosine(vector, vector) - 1) < 1e-4, "of length one");
    const [last] = await embedder.embed(texts.slice(-1), never);
    const same = vectors.at(-1);
    assert.ok(last !== undefined && same !== undefined && cosine(last, same) > 0.999, "the last vector is that of the last text");
  },
  "knows its dimensions after the first call, and keeps to them": async (embedder) => {
    const [vector] = await embedder.embed(["one"], never);
    assert.equal(embedder.dimensions, vector?.length);
    const [other] = await embedder.embed(["another, longer one"], never);
    assert.equal(other?.length, embedder.dimensions);
  },
  "gives nothing for nothing": async (embedder) => {
    assert.deepEqual(await embedder.embed([], never), []);
  },
  "is stopped by its signal with an aborted error": async (embedder) => {
    const stopped = embedder.embed(["one"], AbortSignal.abort());
    await assert.rejects(stopped, (error) => error instanceof ModelError && error.kind === "aborted");
  },
};

/** What every Embedder must do, as cases for any test runner. `open` gives each case its own. */
export function embedderConformance(name: string, open: () => Promise<EmbedderUnderTest>): readonly ConformanceCase[] {
  return Object.entries(checks).map(([title, check]) => ({
    title: `${name} ${title}`,
    run: async () => {
      const tested = await open();
      try {
        await check(tested.embedder);
      } finally {
        await tested.close();
      }
    },
  }));
}
