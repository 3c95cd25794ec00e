import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Reply, type WireServer, scriptedModel, startWireServer } from "../testing/index.ts";
import { type LanguageModel, type ModelPart, type ModelRequest, Lane, ModelError, withLane } from "./index.ts";
import { createOpenAiModel } from "./openai/index.ts";

const request: ModelRequest = { system: "", messages: [{ role: "user", content: [{ type: "text", text: "Go." }] }] };

/** Time that only a test turns: whoever waits goes on when it has passed. */
function handTime() {
  let now = 1_000_000;
  const waiting = new Set<{ readonly at: number; readonly goOn: () => void }>();
  const wait = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const entry = { at: now + ms, goOn: resolve };
      waiting.add(entry);
      signal.addEventListener("abort", () => {
        waiting.delete(entry);
        reject(new Error("aborted"));
      });
    });
  const turn = async (ms: number): Promise<void> => {
    now += ms;
    for (const entry of waiting) {
      if (entry.at > now) continue;
      waiting.delete(entry);
      entry.goOn();
    }
    await setImmediate();
  };
  return { clock: { now: () => now }, wait, turn };
}

const never = new AbortController().signal;

/** Says in which order calls began. */
function queueOf(lane: Lane, names: readonly string[]) {
  const began: string[] = [];
  const places = names.map((name) => {
    const place = lane.enter(never);
    place.turn.then((turn) => turn && began.push(name)).catch(() => undefined);
    return place;
  });
  return { began, places };
}

describe("a lane", () => {
  it("lets so many calls stream at once, and the others in the order they came", async () => {
    const lane = new Lane({ concurrent: 2 });
    const { began, places } = queueOf(lane, ["a", "b", "c", "d"]);
    await setImmediate();
    expect(began).toEqual(["a", "b"]);
    expect(places.map(({ ahead }) => ahead)).toEqual([0, 0, 0, 1]);
    lane.leave(0);
    await setImmediate();
    expect(began).toEqual(["a", "b", "c"]);
    expect(lane.enterNow()).toBe(false);
  });

  it("gives the place of a call that is stopped to the next, and its turn back when it is left", async () => {
    const lane = new Lane({ concurrent: 1 });
    const stop = new AbortController();
    expect(lane.enterNow()).toBe(true);
    const stopped = lane.enter(stop.signal);
    const { began, places } = queueOf(lane, ["a", "b"]);
    stop.abort();
    expect(await stopped.turn).toBe(false);
    lane.leave(0);
    await setImmediate();
    expect(began).toEqual(["a"]);
    places[0]?.leave();
    await setImmediate();
    expect(began).toEqual(["a", "b"]);
    expect(await lane.enter(AbortSignal.abort()).turn).toBe(false);
  });

  it("asks no more often a minute than it may", async () => {
    const { turn, ...time } = handTime();
    const lane = new Lane({ requestsPerMinute: 2 }, time);
    const { began } = queueOf(lane, ["a", "b", "c", "d", "e"]);
    await setImmediate();
    expect(began).toEqual(["a", "b"]);
    await turn(59_000);
    expect(began).toEqual(["a", "b"]);
    await turn(1000);
    expect(began).toEqual(["a", "b", "c", "d"]);
    await turn(60_000);
    expect(began).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("waits when the tokens of the last minute are used up", async () => {
    const { turn, ...time } = handTime();
    const lane = new Lane({ tokensPerMinute: 100 }, time);
    expect(lane.enterNow()).toBe(true);
    lane.leave(60);
    await turn(30_000);
    expect(lane.enterNow()).toBe(true);
    lane.leave(60);
    const { began } = queueOf(lane, ["a"]);
    await turn(29_000);
    expect(began).toEqual([]);
    await turn(1000);
    expect(began).toEqual(["a"]);
  });

  it("rests as long as the provider asks, all calls of it", async () => {
    const { turn, ...time } = handTime();
    const lane = new Lane({}, time);
    lane.pause(5000);
    const { began } = queueOf(lane, ["a", "b"]);
    await turn(4999);
    expect(began).toEqual([]);
    await turn(1);
    expect(began).toEqual(["a", "b"]);
    lane.exhausted(86_400_000);
    expect(lane.pausedFor).toBe(30_000);
  });
});

let server: WireServer;
beforeEach(async () => {
  server = await startWireServer();
});
afterEach(() => server.close());

function local(lane: Lane): LanguageModel {
  const named = { id: "compatible/local", provider: "compatible", model: "local", api: "chat" } as const;
  return createOpenAiModel({ ...named, baseUrl: server.url, exhausted: lane.exhausted });
}

async function partsOf(model: LanguageModel, signal = never): Promise<readonly ModelPart[]> {
  const parts: ModelPart[] = [];
  for await (const batch of model.stream(request, signal)) parts.push(...batch);
  return parts;
}

const textOf = (parts: readonly ModelPart[]): string => parts.map((part) => (part.type === "text" ? part.text : "")).join("");

describe("a model in its lane", () => {
  it("is asked one call after the other where only one may stream, and the person is told of the wait", async () => {
    let streaming = 0;
    let most = 0;
    server.script(async (seen): Promise<Reply> => {
      most = Math.max(most, ++streaming);
      seen.outcome.then(
        () => streaming--,
        () => undefined,
      );
      return { text: ["One ", "word"], tokensPerSecond: 100 };
    });
    const model = withLane(local(new Lane({ concurrent: 1 })), new Lane({ concurrent: 1 }), { patienceMs: 0 });
    const answers = await Promise.all([partsOf(model), partsOf(model), partsOf(model)]);
    expect(answers.map(textOf)).toEqual(["One word", "One word", "One word"]);
    expect(most).toBe(1);
    expect(answers.map((parts) => parts[0])).toEqual([
      { type: "text", text: "One " },
      { type: "notice", text: "compatible is asked as much as its limit allows: the call waits for its turn." },
      { type: "notice", text: "compatible is asked as much as its limit allows: the call waits for its turn after 1 other." },
    ]);
  });

  it("gives its turn back however the call ends: broken, left in the middle, stopped, thrown", async () => {
    const lane = new Lane({ concurrent: 1 });
    const model = withLane(local(lane), lane);
    const thrown = withLane(
      scriptedModel(() => {
        throw new Error("a bug");
      }),
      lane,
    );
    server.script([
      { text: "cut", cutAfterTokens: 1 },
      { text: "word ", neverEnds: true },
      { text: "word ", neverEnds: true },
      { text: "Free." },
    ]);
    expect((await partsOf(model)).at(-1)?.type).toBe("error");
    for await (const batch of model.stream(request, never)) if (batch.length > 0) break;
    const stop = new AbortController();
    for await (const batch of model.stream(request, stop.signal)) if (batch.length > 0) stop.abort();
    await expect(partsOf(thrown)).rejects.toThrow("a bug");
    expect(textOf(await partsOf(model))).toBe("Free.");
  });

  it("that is stopped while it waits, or not read any further, leaves the queue", async () => {
    const lane = new Lane({ concurrent: 1 });
    const model = withLane(local(lane), lane, { patienceMs: 0 });
    server.script([{ text: "Free." }]);
    expect(lane.enterNow()).toBe(true);
    const stop = new AbortController();
    const stopped = partsOf(model, stop.signal);
    for await (const batch of model.stream(request, never)) if (batch[0]?.type === "notice") break;
    stop.abort();
    expect((await stopped).at(-1)).toMatchObject({ type: "error", error: { kind: "aborted" } });
    lane.leave(0);
    expect(textOf(await partsOf(model))).toBe("Free.");
  });

  it("makes all calls wait when one is told to, and fails at once where that is too long to wait", async () => {
    const { turn: _turn, ...time } = handTime();
    const lane = new Lane({}, time);
    const model = withLane(local(lane), lane);
    server.script([{ status: 429, headers: { "retry-after": "40" } }]);
    expect((await partsOf(model)).at(-1)).toMatchObject({ error: { kind: "rate_limit", retryAfterMs: 40_000 } });
    const [failed] = await partsOf(model);
    expect(failed).toMatchObject({ type: "error", error: { kind: "rate_limit", retryAfterMs: 40_000, retryable: true } });
    expect(failed?.type === "error" && failed.error instanceof ModelError && failed.error.message).toBe(
      "compatible limits how often it answers. Try again in 40 s, or pick another model.",
    );
    expect(server.requests).toHaveLength(1);
  });

  it("pauses when the headers of an answer say that nothing is left", async () => {
    const { turn: _turn, ...time } = handTime();
    const lane = new Lane({}, time);
    const model = withLane(local(lane), lane);
    server.script([
      { text: "One.", headers: { "x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "9s" } },
      { text: "Two.", headers: { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m2.5s" } },
    ]);
    await partsOf(model);
    expect(lane.pausedFor).toBe(0);
    await partsOf(model);
    expect(lane.pausedFor).toBe(30_000);
  });

  it("uses one connection for turns that follow each other, and streams side by side on as many as there are calls", async () => {
    const lane = new Lane();
    const model = withLane(local(lane), lane);
    server.script(() => ({ text: "Again." }));
    for (let turn = 0; turn < 5; turn++) {
      expect(textOf(await partsOf(model))).toBe("Again.");
      // fetch gives a connection free one turn of the event loop after its answer.
      await setImmediate();
    }
    expect(server.connections).toBe(1);
    server.script(() => ({ text: ["Side ", "by side."], tokensPerSecond: 50 }));
    const answers = await Promise.all([1, 2, 3, 4].map(() => partsOf(model)));
    expect(answers.map(textOf)).toEqual(["Side by side.", "Side by side.", "Side by side.", "Side by side."]);
    expect(server.connections).toBe(4);
  });
});
