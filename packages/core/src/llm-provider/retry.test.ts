import { describe, expect, it } from "vitest";
import { scriptedModel, startWireServer } from "../testing/index.ts";
import { createFallbackChain, type LanguageModel, ModelError, type ModelPart, type ModelRequest, withRetries } from "./index.ts";
import { createOpenAiModel } from "./openai/index.ts";

const request: ModelRequest = { system: "", messages: [{ role: "user", content: [{ type: "text", text: "Go." }] }] };
const overloaded = (retryAfterMs?: number) => new ModelError("overloaded", "Busy.", { retryable: true, retryAfterMs });
const refusedKey = new ModelError("auth", "The key was refused.");

async function partsOf(model: LanguageModel, signal = new AbortController().signal): Promise<readonly ModelPart[]> {
  const parts: ModelPart[] = [];
  for await (const batch of model.stream(request, signal)) parts.push(...batch);
  return parts;
}

function summary(parts: readonly ModelPart[]): string {
  const answer = parts.filter(({ type }) => type !== "notice");
  return answer.map((part) => (part.type === "text" ? part.text : part.type === "error" ? part.error.kind : part.type)).join(" ");
}

/** What a person is told before the answer begins. */
function noticesIn(parts: readonly ModelPart[]): readonly string[] {
  return parts.flatMap((part) => (part.type === "notice" ? [part.text] : []));
}

/** Time that passes at once, and remembers how much. */
function fakeTime() {
  const waits: number[] = [];
  return { waits, wait: async (ms: number) => waits.push(ms) };
}

describe("retries", () => {
  it("try again until the call begins, waiting twice as long each time", async () => {
    const { waits, wait } = fakeTime();
    const model = scriptedModel([{ error: overloaded() }, { error: overloaded() }, { error: overloaded() }, { text: "There." }]);
    const parts = await partsOf(withRetries(model, { attempts: 5, baseDelayMs: 100, jitter: () => 1, wait }));
    expect(summary(parts)).toBe("There. end");
    expect(waits).toEqual([100, 200, 400]);
    model.assertComplete();
  });

  it("spread the waits over the upper half of the delay", async () => {
    const { waits, wait } = fakeTime();
    const jitter = [0, 0.5];
    const model = scriptedModel([{ error: overloaded() }, { error: overloaded() }, { text: "There." }]);
    await partsOf(withRetries(model, { attempts: 3, baseDelayMs: 100, jitter: () => jitter.shift() ?? 0, wait }));
    expect(waits).toEqual([50, 150]);
  });

  it("wait as long as the provider asks, but not longer than the limit", async () => {
    const { waits, wait } = fakeTime();
    const model = scriptedModel([{ error: overloaded(1234) }, { error: overloaded(90_000) }, { text: "Too late." }]);
    const parts = await partsOf(withRetries(model, { attempts: 5, maxDelayMs: 60_000, wait }));
    expect(waits).toEqual([1234]);
    expect(summary(parts)).toBe("overloaded");
  });

  it("tell the wait before it begins", async () => {
    const model = scriptedModel([{ error: overloaded(17_000) }, { text: "There." }]);
    let goOn = (): void => undefined;
    const wait = () => new Promise<void>((resolve) => (goOn = resolve));
    const parts = withRetries(model, { attempts: 2, wait }).stream(request, new AbortController().signal);
    const stream = parts[Symbol.asyncIterator]();
    expect((await stream.next()).value).toEqual([{ type: "notice", text: "Busy. It is tried again in 17 s." }]);
    expect(model.requests).toHaveLength(1);
    const next = stream.next();
    goOn();
    expect((await next).value).toEqual([{ type: "text", text: "There." }]);
    await stream.return?.();
  });

  it("give up after the last attempt with its error", async () => {
    const { wait } = fakeTime();
    const model = scriptedModel([{ error: overloaded() }, { error: overloaded() }]);
    expect(summary(await partsOf(withRetries(model, { attempts: 2, wait })))).toBe("overloaded");
    model.assertComplete();
  });

  it("leave alone what another try would not help, and what has begun", async () => {
    const { waits, wait } = fakeTime();
    const model = scriptedModel([{ error: refusedKey }, { text: "Half an ans", cut: true }]);
    const patient = withRetries(model, { attempts: 5, wait });
    expect(summary(await partsOf(patient))).toBe("auth");
    expect(summary(await partsOf(patient))).toBe("Half an ans network");
    expect(waits).toEqual([]);
  });

  it("end with aborted when they are stopped while they wait", async () => {
    const controller = new AbortController();
    const model = scriptedModel([{ error: overloaded(20_000) }]);
    const stopSoon = setTimeout(() => controller.abort(), 20);
    expect(summary(await partsOf(withRetries(model, { attempts: 2 }), controller.signal))).toBe("aborted");
    clearTimeout(stopSoon);
  });

  it("bring a call over HTTP through two refusals", async () => {
    const { waits, wait } = fakeTime();
    const replies = [{ status: 429, headers: { "retry-after-ms": "40" } }, { status: 503 }, { text: ["At last."] }];
    const server = await startWireServer({ replies });
    const model = createOpenAiModel({ id: "compatible/m", provider: "compatible", model: "m", api: "chat", baseUrl: server.url });
    const parts = await partsOf(withRetries(model, { attempts: 3, baseDelayMs: 10, jitter: () => 1, wait }));
    expect(summary(parts)).toBe("At last. usage end");
    expect(waits).toEqual([40, 20]);
    expect(noticesIn(parts)).toEqual([
      "compatible limits how often it answers (429). It is tried again in 1 s.",
      "compatible is overloaded or failing (503). It is tried again in 1 s.",
    ]);
    server.assertComplete();
    await server.close();
  });
});

const good = () => scriptedModel([{ text: "I can." }], { id: "b/good" });

describe("a fallback chain", () => {
  it.each(["overloaded", "rate_limit", "network", "auth"] as const)("goes to the next model after %s", async (kind) => {
    const second = good();
    const chain = createFallbackChain([scriptedModel([{ error: new ModelError(kind, "No.") }], { id: "a/bad" }), second]);
    const parts = await partsOf(chain);
    expect(noticesIn(parts)).toEqual(["No. b/good is asked instead."]);
    expect(summary(parts)).toBe("I can. end");
    second.assertComplete();
  });

  it.each(["invalid_request", "context_length", "refusal", "aborted"] as const)("does not after %s", async (kind) => {
    const second = good();
    const chain = createFallbackChain([scriptedModel([{ error: new ModelError(kind, "No.") }]), second]);
    expect(summary(await partsOf(chain))).toBe(kind);
    expect(second.requests).toEqual([]);
  });

  it("goes on to the next model behind retries, whose waits are told as they come", async () => {
    const { wait } = fakeTime();
    const bad = scriptedModel([{ error: overloaded(3000) }, { error: overloaded() }], { id: "a/bad" });
    const parts = await partsOf(createFallbackChain([withRetries(bad, { attempts: 2, wait }), good()]));
    expect(noticesIn(parts)).toEqual(["Busy. It is tried again in 3 s.", "Busy. b/good is asked instead."]);
    expect(summary(parts)).toBe("I can. end");
  });

  it("does not once a part is out", async () => {
    const second = good();
    const chain = createFallbackChain([scriptedModel([{ text: "Half", cut: true }]), second]);
    expect(summary(await partsOf(chain))).toBe("Half network");
    expect(second.requests).toEqual([]);
  });

  it("ends with the last model's error when none can", async () => {
    const chain = createFallbackChain([scriptedModel([{ error: overloaded() }]), scriptedModel([{ error: refusedKey }])]);
    expect(summary(await partsOf(chain))).toBe("auth");
  });

  it("can do what all of its models can", () => {
    const small = scriptedModel([], { id: "a/small", capabilities: { contextWindow: 8000, images: false } });
    const large = scriptedModel([], { id: "b/large", capabilities: { maxOutputTokens: 900, tools: false } });
    const { id, capabilities } = createFallbackChain([small, large]);
    expect(id).toBe("a/small,b/large");
    expect(capabilities).toEqual({ contextWindow: 8000, maxOutputTokens: 900, tools: false, images: false });
  });
});
