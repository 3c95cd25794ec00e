import { type Clock, steadyClock } from "../../lib/clock.ts";
import { KeyedMap } from "../../lib/keyed-map.ts";
import { Reservations } from "../../lib/reservations.ts";
import { ModelError } from "../../llm-provider/index.ts";
import { ToolError, type User } from "../../tools/index.ts";
import { hold } from "../held-call.ts";
import type { ToolMiddleware } from "./tool-middleware.ts";
import type { TurnMiddleware } from "./turn-middleware.ts";

export interface BudgetWindow {
  /** From a user's first use; then it begins anew. Milliseconds. */
  readonly windowMs: number;
  /** Default: one that is never set. */
  readonly clock?: Clock;
}

/** A cap on the tool calls of each user, in this process. Calls that fail count: they were made. */
export function budgetToolCalls(
  budget: BudgetWindow & { readonly calls: number; readonly tools?: readonly string[] },
): ToolMiddleware {
  const spent = spending(budget);
  const counted = budget.tools === undefined ? null : new Set(budget.tools);
  return async function callBudget(call, next) {
    if (counted?.has(call.tool.name) === false) return next();
    const window = spent(call.user);
    if (window.used >= budget.calls) {
      const message = `${call.user.name} has made all of their ${budget.calls} calls. The next one may be made after ${endOf(window, budget)}.`;
      throw new ToolError("budget_spent", message);
    }
    window.used += 1;
    return next();
  };
}

/**
 * A cap on the tokens of each user, in this process, also for many calls at once: each reserves its prompt and the longest answer
 * it may give, waits where others hold what is left, and settles for what it used. An answer may be no longer than what is left.
 * Prompts are estimated, so a window can be overdrawn by what its last calls were estimated too low; the next one is refused.
 */
export function budgetTokens(budget: BudgetWindow & { readonly tokens: number }): TurnMiddleware {
  const spent = spending(budget);
  return async function* tokenBudget(call, next) {
    const window = spent(call.user);
    const { reservations } = window;
    const held = await hold(call, { tokens: { reservations, left: () => budget.tokens - window.used } });
    if (held.status === "short") {
      const message = `${call.user.name} has used all of their ${budget.tokens} tokens. There are new ones after ${endOf(window, budget)}.`;
      yield [{ type: "error", error: new ModelError("rate_limit", message) }];
      return;
    }
    try {
      for await (const batch of next({ request: held.request })) {
        held.count(batch);
        yield batch;
      }
    } finally {
      const untold = held.untold();
      window.used += untold === null ? held.told() : untold.inputTokens + untold.outputTokens;
      held.release();
    }
  };
}

interface Window {
  since: number;
  used: number;
  readonly reservations: Reservations;
}

function spending({ windowMs, clock = steadyClock }: BudgetWindow): (user: User) => Window {
  const isOver = ({ since }: Window): boolean => clock.now() - since >= windowMs;
  const begun = (): Window => ({ since: clock.now(), used: 0, reservations: new Reservations() });
  const windows = new KeyedMap<{ current: Window }>(
    () => ({ current: begun() }),
    ({ current }) => isOver(current),
  );
  return ({ tenant, id }) => {
    const slot = windows.get(JSON.stringify([tenant, id]));
    if (isOver(slot.current)) slot.current = begun();
    // Where the clock went back, the window lasts from now on: nobody is shut out for longer, and nothing is given twice.
    slot.current.since = Math.min(slot.current.since, clock.now());
    return slot.current;
  };
}

function endOf({ since }: Window, { windowMs }: BudgetWindow): string {
  return `${new Date(since + windowMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
