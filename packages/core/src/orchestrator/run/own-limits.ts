import type { ModelRequest } from "../../llm-provider/index.ts";
import { ToolError } from "../../tools/index.ts";
import { type HeldCall, type ModelCall, type Purses, hold } from "../held-call.ts";
import type { Run } from "./run.ts";

/**
 * A model call that a tool makes, held within what the run may still use: of many at once those that do not fit wait for the
 * others. Fails where even an answer of nothing much would go over a limit; the run asks its person before its next turn.
 */
export async function holdWithinLimits(run: Run, call: ModelCall): Promise<HeldCall> {
  const held = await hold(call, pursesOf(run));
  if (held.status === "held") return held;
  const { of: budget } = held;
  run.short ??= { budget, limit: run.limits[budget], used: usedOf(run)[budget] };
  const short = budget === "tokens" ? "too few tokens" : "too little money";
  throw new ToolError("budget_spent", `The model was not asked: this run has ${short} left. Its user is asked for more.`);
}

/** A turn goes on whatever is left, since its run asks before it; while it does, no call of a tool counts on what it may use. */
export async function holdForTurn(run: Run, request: ModelRequest): Promise<() => void> {
  try {
    const held = await hold({ model: run.model, request, signal: run.signal }, pursesOf(run));
    if (held.status === "held") return held.release;
  } catch (error) {
    if (!run.signal.aborted) throw error;
  }
  return () => undefined;
}

function pursesOf(run: Run): Purses {
  const left = (budget: "tokens" | "cost") => () =>
    run.limits[budget] > 0 ? run.limits[budget] - usedOf(run)[budget] : Number.POSITIVE_INFINITY;
  const tokens = { reservations: run.held.tokens, left: left("tokens") };
  const cost = { reservations: run.held.cost, left: left("cost") };
  return run.limits.cost > 0 ? { tokens, cost } : { tokens };
}

function usedOf({ record: { usage, cost } }: Run): { readonly tokens: number; readonly cost: number } {
  return { tokens: usage.inputTokens + usage.outputTokens, cost: cost ?? 0 };
}
