import { type Clock, systemClock } from "../../lib/clock.ts";
import { KeyedMap } from "../../lib/keyed-map.ts";
import { ModelError } from "../../llm-provider/index.ts";
import { ToolError, type User } from "../../tools/index.ts";
import type { ToolMiddleware } from "./tool-middleware.ts";
import type { TurnMiddleware } from "./turn-middleware.ts";

export interface BudgetWindow {
  /** From a user's first use; then it begins anew. Milliseconds. */
  readonly windowMs: number;
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

/** A cap on the tokens of each user, in this process. A call that began within it is carried to its end. */
export function budgetTokens(budget: BudgetWindow & { readonly tokens: number }): TurnMiddleware {
  const spent = spending(budget);
  return async function* tokenBudget(call, next) {
    const window = spent(call.user);
    if (window.used >= budget.tokens) {
      const message = `${call.user.name} has used all of their ${budget.tokens} tokens. There are new ones after ${endOf(window, budget)}.`;
      yield [{ type: "error", error: new ModelError("rate_limit", message) }];
      return;
    }
    for await (const batch of next()) {
      for (const part of batch) if (part.type === "usage") window.used += part.usage.inputTokens + part.usage.outputTokens;
      yield batch;
    }
  };
}

interface Window {
  readonly since: number;
  used: number;
}

function spending({ windowMs, clock = systemClock }: BudgetWindow): (user: User) => Window {
  const isOver = ({ since }: Window): boolean => clock.now() - since >= windowMs;
  const windows = new KeyedMap<{ current: Window }>(
    () => ({ current: { since: clock.now(), used: 0 } }),
    ({ current }) => isOver(current),
  );
  return ({ tenant, id }) => {
    const slot = windows.get(JSON.stringify([tenant, id]));
    if (isOver(slot.current)) slot.current = { since: clock.now(), used: 0 };
    return slot.current;
  };
}

function endOf({ since }: Window, { windowMs }: BudgetWindow): string {
  return `${new Date(since + windowMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
