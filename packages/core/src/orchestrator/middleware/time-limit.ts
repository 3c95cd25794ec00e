import { ModelError } from "../../llm-provider/index.ts";
import { ToolError } from "../../tools/index.ts";
import type { ToolMiddleware } from "./tool-middleware.ts";
import type { TurnMiddleware } from "./turn-middleware.ts";

export interface ToolTimeLimit {
  /** Milliseconds; longer than a tool's own `timeoutMs` it changes nothing. */
  readonly ms: number;
  /** Absent: all. */
  readonly tools?: readonly string[];
}

/** A shorter time than the tools themselves declare. The tool is told to stop, and waited for as long as the engine would. */
export function limitToolTime({ ms, tools }: ToolTimeLimit): ToolMiddleware {
  const limited = tools === undefined ? null : new Set(tools);
  return async function timeLimit(call, next) {
    if (limited?.has(call.tool.name) === false) return next();
    const over = AbortSignal.timeout(ms);
    try {
      return await next({ signal: over });
    } catch (error) {
      // Stopped from elsewhere first, it is not this limit's to explain.
      if (!over.aborted || call.signal.aborted) throw error;
      throw new ToolError("timeout", `${call.tool.name} took longer than ${inSeconds(ms)} and was stopped.`, { cause: error });
    }
  };
}

/** A limit for a whole model call, however fast its parts come. What has come by then stands. */
export function limitTurnTime({ ms }: { readonly ms: number }): TurnMiddleware {
  return async function* timeLimit(call, next) {
    const over = AbortSignal.timeout(ms);
    const isOver = (): boolean => over.aborted && !call.signal.aborted;
    for await (const batch of next({ signal: over })) {
      const late = isOver() && !batch.some(({ type }) => type === "end");
      if (!late) {
        yield batch;
        continue;
      }
      const message = `${call.model.id} took longer than ${inSeconds(ms)} for one answer and was stopped. Try again, or ask for less.`;
      const error = new ModelError("network", message, { retryable: true });
      yield [...batch.filter(({ type }) => type !== "error"), { type: "error", error }];
      return;
    }
  };
}

function inSeconds(ms: number): string {
  return `${Math.max(1, Math.round(ms / 1000))} s`;
}
