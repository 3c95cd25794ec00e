import { describe, expect, it } from "vitest";
import { scriptedModel } from "../testing/index.ts";
import { createFallbackChain, type LanguageModel, ModelError, ModelHealth, type ModelPart } from "./index.ts";

function handClock() {
  let now = 0;
  return { now: () => now, turn: (ms: number) => (now += ms) };
}

describe("a model that failed", () => {
  it("rests, then one call may try it, and it rests twice as long when that fails too", () => {
    const clock = handClock();
    const health = new ModelHealth({ firstMs: 100, longestMs: 300 }, clock);
    expect(health.admits("a")).toBe(true);
    health.failed("a");
    expect(health.admits("a")).toBe(false);
    for (const restMs of [100, 200, 300, 300]) {
      clock.turn(restMs - 1);
      expect(health.admits("a")).toBe(false);
      clock.turn(1);
      expect(health.admits("a")).toBe(true);
      expect(health.admits("a")).toBe(false);
      health.failed("a");
    }
    clock.turn(300);
    expect(health.admits("a")).toBe(true);
    health.worked("a");
    expect([health.admits("a"), health.admits("a")]).toEqual([true, true]);
  });

  it("in ten calls at once failed once, and rests as long as its provider asked", () => {
    const clock = handClock();
    const health = new ModelHealth({ firstMs: 100 }, clock);
    for (let call = 0; call < 10; call++) health.failed("a");
    clock.turn(100);
    expect(health.isResting("a")).toBe(false);
    expect(health.admits("a")).toBe(true);
    health.failed("a", 5000);
    clock.turn(4999);
    expect(health.isResting("a")).toBe(true);
    clock.turn(1);
    expect(health.isResting("a")).toBe(false);
  });

  it("is tried by another when the try was stopped before it showed anything", () => {
    const clock = handClock();
    const health = new ModelHealth({ firstMs: 100 }, clock);
    health.failed("a");
    clock.turn(100);
    expect(health.admits("a")).toBe(true);
    health.unclear("a");
    expect(health.admits("a")).toBe(true);
  });
});

describe("a chain", () => {
  const overloaded = new ModelError("overloaded", "Busy.", { retryable: true });
  const request = { system: "", messages: [], cacheKey: "a session" };
  const ask = async (model: LanguageModel, cacheKey = "a session"): Promise<string> => {
    const parts: ModelPart[] = [];
    for await (const batch of model.stream({ ...request, cacheKey }, new AbortController().signal)) parts.push(...batch);
    return parts
      .map((part) => {
        if (part.type === "text") return part.text;
        if (part.type === "notice") return `(${part.text})`;
        return part.type === "error" ? `${part.error.kind}${part.again === true ? " again" : ""}` : part.type;
      })
      .join(" ");
  };

  it("passes over a model that rests, tells each conversation once, and comes back to it when it is well", async () => {
    const clock = handClock();
    const first = scriptedModel([{ error: overloaded }, { error: overloaded }, { text: "Back." }, { text: "Still." }], {
      id: "x/a",
    });
    const second = scriptedModel(() => ({ text: "Me." }), { id: "x/b" });
    const chain = createFallbackChain([first, second], new ModelHealth({ firstMs: 100 }, clock));
    expect(await ask(chain)).toBe("(Busy. x/b is asked instead.) Me. end");
    expect(await ask(chain)).toBe("Me. end");
    expect(await ask(chain, "another")).toBe("(x/a failed a moment ago. x/b is asked instead.) Me. end");
    expect(await ask(chain, "another")).toBe("Me. end");
    expect(first.requests).toHaveLength(1);
    clock.turn(100);
    expect(await ask(chain)).toBe("(Busy. x/b is asked instead.) Me. end");
    clock.turn(200);
    expect(await ask(chain)).toBe("Back. end");
    expect(await ask(chain)).toBe("Still. end");
  });

  it("says who goes on when a stream breaks, and that nobody does when all rest", async () => {
    const health = new ModelHealth({}, handClock());
    const cut = { text: "Half", cut: true };
    const chain = createFallbackChain([scriptedModel([cut, cut], { id: "x/a" }), scriptedModel([cut], { id: "x/b" })], health);
    expect(await ask(chain)).toBe("Half (The connection broke. x/b goes on.) network again");
    expect(await ask(chain)).toBe("Half network");
    expect(await ask(chain)).toBe("Half network");
  });

  it("asks the first one where every model rests: a person who asks again gets an answer or the reason", async () => {
    const health = new ModelHealth({}, handClock());
    const models = ["x/a", "x/b"].map((id) => scriptedModel([{ error: overloaded }, { text: `I am ${id}.` }], { id }));
    const chain = createFallbackChain(models, health);
    expect(await ask(chain)).toBe("(Busy. x/b is asked instead.) overloaded");
    expect(await ask(chain)).toBe("I am x/a. end");
  });

  it("leaves a model alone that failed of the request", async () => {
    const health = new ModelHealth({}, handClock());
    const refused = new ModelError("invalid_request", "No.");
    const chain = createFallbackChain(
      [scriptedModel([{ error: refused }, { text: "Yes." }], { id: "x/a" }), scriptedModel([])],
      health,
    );
    expect(await ask(chain)).toBe("invalid_request");
    expect(await ask(chain)).toBe("Yes. end");
  });
});
