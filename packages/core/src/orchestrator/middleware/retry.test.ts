import { expect, it } from "vitest";
import { ModelError } from "../../llm-provider/index.ts";
import { TestClock, errorOf, partsThrough, scriptedModel, textOf } from "./middleware.fixture.ts";
import { retryTurns } from "./retry.ts";
import type { TurnMiddleware } from "./turn-middleware.ts";

const overloaded = new ModelError("overloaded", "Busy.", { retryable: true });

it("tries a call again that failed before its first part, also one that a layer inside failed", async () => {
  const { wait, waits } = new TestClock();
  let refusals = 2;
  const refusing: TurnMiddleware = async function* (_call, next) {
    if (refusals-- > 0) yield [{ type: "error", error: overloaded }];
    else yield* next();
  };
  const retry = retryTurns({ attempts: 4, baseDelayMs: 100, jitter: () => 1, wait });
  const model = scriptedModel([{ error: overloaded }, { text: "There." }]);
  expect(textOf(await partsThrough([retry, refusing], model))).toBe("There.");
  expect(waits).toEqual([100, 200, 400]);
  model.assertComplete();
});

it("never replays a turn that has begun", async () => {
  const { wait, waits } = new TestClock();
  const model = scriptedModel([{ text: "Half", cut: true }, { text: "Never." }]);
  const parts = await partsThrough([retryTurns({ attempts: 3, wait })], model);
  expect(textOf(parts)).toBe("Half");
  expect(errorOf(parts)?.kind).toBe("network");
  expect(waits).toEqual([]);
});

it("stops waiting when the call is stopped", async () => {
  const stop = new AbortController();
  const wait = async (_ms: number, signal: AbortSignal): Promise<void> => {
    stop.abort("cancelled");
    signal.throwIfAborted();
  };
  const model = scriptedModel([{ error: overloaded }]);
  const parts = await partsThrough([retryTurns({ attempts: 3, wait })], model, { signal: stop.signal });
  expect(errorOf(parts)?.kind).toBe("aborted");
});
