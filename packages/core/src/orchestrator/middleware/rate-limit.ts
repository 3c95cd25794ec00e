import { type Clock, steadyClock, systemClock } from "../../lib/clock.ts";
import { KeyedMap } from "../../lib/keyed-map.ts";
import { sleep } from "../../lib/sleep.ts";
import { type BucketLimits, TokenBucket } from "../../lib/token-bucket.ts";
import { ModelError } from "../../llm-provider/index.ts";
import { ToolError } from "../../tools/index.ts";
import { type Reservation, type SharedRate, reserveTogether } from "./shared-rate.ts";
import type { ToolExecution, ToolMiddleware } from "./tool-middleware.ts";
import type { TurnCall, TurnMiddleware } from "./turn-middleware.ts";

export interface RateLimit<Call> extends BucketLimits {
  /** What shares a limit: `(call) => call.tool.name`, `({ model }) => model.provider`. Default: each user has their own. */
  readonly per?: (call: Call) => string;
  /** A call that would have to wait longer fails at once. Milliseconds, default 10,000. */
  readonly maxWaitMs?: number;
  /** Kept by all nodes together. Default: each process keeps it for itself. */
  readonly together?: SharedRate;
  readonly clock?: Clock;
  /** How time passes; rejects when the signal is aborted. Default: real time. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Holds tool calls to a rate. The wait counts against the tool's time. */
export function limitToolRate(limit: RateLimit<ToolExecution>): ToolMiddleware {
  const line = lineFor(limit);
  return async function rateLimit(call, next) {
    const { status, waitMs } = await line(call);
    if (status === "too_far") {
      const message = `${call.tool.name} is called too often. It may be called again in ${inSeconds(waitMs)}.`;
      throw new ToolError("rate_limited", message, { retryable: true });
    }
    await passed(waitMs, limit, call.signal);
    return next();
  };
}

/** Holds model calls to a rate. The wait is told. */
export function limitTurnRate(limit: RateLimit<TurnCall>): TurnMiddleware {
  const line = lineFor(limit);
  return async function* rateLimit(call, next) {
    const { status, waitMs } = await line(call);
    if (status === "too_far") {
      const message = `${call.model.id} is asked too often here. It may be asked again in ${inSeconds(waitMs)}.`;
      yield [{ type: "error", error: new ModelError("rate_limit", message, { retryable: true, retryAfterMs: waitMs }) }];
      return;
    }
    if (waitMs > 0)
      yield [{ type: "notice", text: `It is asked in ${inSeconds(waitMs)}: there are too many questions at once.` }];
    await passed(waitMs, limit, call.signal);
    yield* next();
  };
}

function lineFor<Call extends { readonly user: { readonly tenant: string; readonly id: string } }>(limit: RateLimit<Call>) {
  // Several nodes can only agree on the time of day.
  const ownClock = limit.together === undefined ? steadyClock : systemClock;
  const { clock = ownClock, maxWaitMs: mostMs = 10_000, per = ({ user }) => JSON.stringify([user.tenant, user.id]) } = limit;
  const buckets = new KeyedMap(
    () => new TokenBucket(limit, clock),
    (bucket) => bucket.full,
  );
  return async (call: Call): Promise<Reservation> => {
    const key = per(call);
    const wish = { ...limit, key, now: clock.now(), mostMs };
    const together = limit.together === undefined ? null : await reserveTogether(limit.together, wish);
    return together ?? buckets.get(key).reserve(mostMs);
  };
}

async function passed(ms: number, { wait = sleep }: Pick<RateLimit<never>, "wait">, signal: AbortSignal): Promise<void> {
  if (ms > 0) await wait(ms, signal);
}

function inSeconds(ms: number): string {
  return `${Math.max(1, Math.ceil(ms / 1000))} s`;
}
