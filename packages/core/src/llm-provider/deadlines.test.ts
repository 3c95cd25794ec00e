import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deferred } from "../testing/engine-harness.ts";
import { scriptedModel } from "../testing/index.ts";
import { type LanguageModel, ModelError, type ModelPart, type ModelRequest, withDeadlines } from "./index.ts";

const request: ModelRequest = { system: "", messages: [{ role: "user", content: [{ type: "text", text: "Go." }] }] };
const deadlines = { firstPartMs: 90_000, nextPartMs: 30_000 };
const never = new Promise<never>(() => undefined);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

async function partsOf(model: LanguageModel, signal = new AbortController().signal): Promise<readonly ModelPart[]> {
  const parts: ModelPart[] = [];
  for await (const batch of model.stream(request, signal)) parts.push(...batch);
  return parts;
}

/** An adapter that gives what is written here and then neither ends nor listens. */
function deaf(...batches: readonly (readonly ModelPart[])[]): LanguageModel & { readonly signals: AbortSignal[] } {
  const signals: AbortSignal[] = [];
  return {
    ...scriptedModel([], { id: "deaf/model" }),
    signals,
    async *stream(_request, signal) {
      signals.push(signal);
      yield* batches;
      await never;
    },
  };
}

describe("a model that is silent", () => {
  it("from the start is given up after its first deadline, and its call is stopped", async () => {
    const model = deaf();
    const parts = partsOf(withDeadlines(model, deadlines));
    await vi.advanceTimersByTimeAsync(89_999);
    expect(model.signals[0]?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    const error = new ModelError("network", "deaf has not answered for 90 s. Try again, or pick another model.", {
      retryable: true,
    });
    expect(await parts).toEqual([{ type: "error", error }]);
    expect(model.signals[0]?.aborted).toBe(true);
  });

  it("in the middle is given up after its next deadline; what came before was passed on", async () => {
    const parts = partsOf(withDeadlines(deaf([{ type: "text", text: "Half" }]), deadlines));
    await vi.advanceTimersByTimeAsync(30_000);
    const message = "deaf went silent in the middle of an answer: nothing came for 30 s. Try again.";
    expect(await parts).toEqual([
      { type: "text", text: "Half" },
      { type: "error", error: new ModelError("network", message, { retryable: true }) },
    ]);
  });

  it("is let go of when it speaks after that", async () => {
    let left = false;
    const late = deferred();
    const model: LanguageModel = {
      ...scriptedModel([], { id: "late/model" }),
      async *stream() {
        try {
          await late.promise;
          yield [{ type: "text", text: "Too late." }];
        } finally {
          left = true;
        }
      },
    };
    const parts = partsOf(withDeadlines(model, deadlines));
    await vi.advanceTimersByTimeAsync(90_000);
    expect(await parts).toMatchObject([{ type: "error", error: { kind: "network" } }]);
    late.resolve();
    await vi.advanceTimersByTimeAsync(1);
    expect(left).toBe(true);
  });

  it("counts anew with each part, and not while nobody asks for one", async () => {
    const model = withDeadlines(scriptedModel([{ text: ["one", "two"] }]), deadlines);
    const parts = model.stream(request, new AbortController().signal);
    const stream = parts[Symbol.asyncIterator]();
    expect((await stream.next()).value).toEqual([{ type: "text", text: "one" }]);
    await vi.advanceTimersByTimeAsync(300_000);
    expect((await stream.next()).value).toEqual([{ type: "text", text: "two" }]);
    await stream.return?.();
  });
});

describe("a model that answers in time", () => {
  it("is passed on as it is, and ends", async () => {
    const model = scriptedModel([{ text: "Hello." }]);
    expect(await partsOf(withDeadlines(model, deadlines))).toEqual([
      { type: "text", text: "Hello." },
      { type: "end", reason: "stop" },
    ]);
    model.assertComplete();
  });

  it("ends aborted when it is stopped, before or in the middle", async () => {
    const gate = new AbortController();
    const parts = partsOf(withDeadlines(scriptedModel([{ text: ["Half", never] }]), deadlines), gate.signal);
    await vi.advanceTimersByTimeAsync(1);
    gate.abort();
    expect((await parts).at(-1)).toMatchObject({ type: "error", error: { kind: "aborted" } });
    expect(await partsOf(withDeadlines(scriptedModel([]), deadlines), AbortSignal.abort())).toMatchObject([
      { type: "error", error: { kind: "aborted" } },
    ]);
  });

  it("throws what its adapter throws", async () => {
    const broken = withDeadlines(scriptedModel([{ text: [Promise.reject(new Error("a bug"))] }]), deadlines);
    await expect(partsOf(broken)).rejects.toThrow("a bug");
  });
});
