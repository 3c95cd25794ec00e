import { type Clock, systemClock } from "../../lib/clock.ts";
import { OrquestraError } from "../../lib/error.ts";
import type { ModelPart } from "../../llm-provider/index.ts";
import type { ToolMiddleware } from "./tool-middleware.ts";
import type { TurnCall, TurnMiddleware } from "./turn-middleware.ts";

export type MetricLabels = { readonly [label: string]: string };

/** Where numbers go: Prometheus, OpenTelemetry, a table. Must not throw; labels are tools, models, providers and outcomes only. */
export interface MetricSink {
  /** Adds to a counter. */
  count(name: string, labels: MetricLabels, by: number): void;
  /** One more observation, in seconds. */
  observe(name: string, labels: MetricLabels, seconds: number): void;
}

/** Calls, failures and durations per tool. */
export function measureTools(sink: MetricSink, clock: Clock = systemClock): ToolMiddleware {
  return async function toolMetrics(call, next) {
    const tool = call.tool.name;
    const started = clock.now();
    let outcome = "completed";
    try {
      return await next();
    } catch (error) {
      outcome = call.signal.aborted ? "stopped" : error instanceof OrquestraError ? error.code : "tool_broken";
      throw error;
    } finally {
      sink.count("orquestra_tool_calls_total", { tool, outcome }, 1);
      sink.observe("orquestra_tool_seconds", { tool }, (clock.now() - started) / 1000);
    }
  };
}

/** Calls, failures, tokens, durations and waits for the first part per model. */
export function measureTurns(sink: MetricSink, clock: Clock = systemClock): TurnMiddleware {
  return async function* turnMetrics(call, next) {
    const { id: model, provider } = call.model;
    const started = clock.now();
    const since = (): number => (clock.now() - started) / 1000;
    let outcome = "left";
    let begun = false;
    try {
      for await (const batch of next()) {
        if (!begun && batch.some(isAnswer)) {
          begun = true;
          sink.observe("orquestra_model_first_part_seconds", { model, provider }, since());
        }
        outcome = countEnds(batch, call, sink) ?? outcome;
        yield batch;
      }
    } catch (error) {
      outcome = error instanceof OrquestraError ? error.code : "broken";
      throw error;
    } finally {
      sink.count("orquestra_model_calls_total", { model, provider, outcome }, 1);
      sink.observe("orquestra_model_seconds", { model, provider }, since());
    }
  };
}

function isAnswer({ type }: ModelPart): boolean {
  return type === "text" || type === "reasoning" || type === "call";
}

/** How the call ended, where the batch says so. */
function countEnds(batch: readonly ModelPart[], { model }: TurnCall, sink: MetricSink): string | null {
  let outcome: string | null = null;
  for (const part of batch) {
    if (part.type === "end") outcome = part.reason;
    else if (part.type === "error") outcome = part.error.code;
    else if (part.type === "usage") {
      const labels = { model: model.id, provider: model.provider };
      sink.count("orquestra_tokens_total", { ...labels, kind: "input" }, part.usage.inputTokens);
      sink.count("orquestra_tokens_total", { ...labels, kind: "output" }, part.usage.outputTokens);
    }
  }
  return outcome;
}
