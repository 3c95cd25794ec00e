import type { MetricLabels, MetricSink } from "@orquestra/core";
import { labelText, metric } from "./prometheus.ts";

/** Combinations of labels of one metric; what comes beyond is counted as `other`. People name models, and the page shall not grow with that. */
const mostSeries = 200;

const help: { readonly [name: string]: string } = {
  orquestra_tool_calls_total: "Tool calls, by outcome.",
  orquestra_tool_seconds: "How long tool calls took.",
  orquestra_model_calls_total: "Model calls, by outcome.",
  orquestra_model_seconds: "How long model calls took.",
  orquestra_model_first_part_seconds: "How long models took for the first part of an answer.",
  orquestra_tokens_total: "Tokens, as the providers counted them.",
};

interface Summary {
  readonly count: number;
  readonly sum: number;
}

/** What the engine measures, kept for Prometheus. */
export class MetricBook implements MetricSink {
  readonly #counters = new Map<string, Map<string, number>>();
  readonly #summaries = new Map<string, Map<string, Summary>>();

  count(name: string, labels: MetricLabels, by: number): void {
    const { series, key } = seriesOf(this.#counters, name, labels);
    series.set(key, (series.get(key) ?? 0) + by);
  }

  observe(name: string, labels: MetricLabels, seconds: number): void {
    const { series, key } = seriesOf(this.#summaries, name, labels);
    const { count, sum } = series.get(key) ?? { count: 0, sum: 0 };
    series.set(key, { count: count + 1, sum: sum + seconds });
  }

  text(): string {
    const counters = [...this.#counters].map(([name, series]) => metric(name, "counter", help[name] ?? name, [...series]));
    const summaries = [...this.#summaries].map(([name, series]) => summaryText(name, series));
    return [...counters, ...summaries].join("");
  }
}

function seriesOf<T>(all: Map<string, Map<string, T>>, name: string, labels: MetricLabels) {
  const series = all.get(name) ?? new Map<string, T>();
  all.set(name, series);
  const key = labelText(labels);
  if (series.has(key) || series.size < mostSeries) return { series, key };
  return { series, key: labelText(Object.fromEntries(Object.keys(labels).map((label) => [label, "other"]))) };
}

function summaryText(name: string, series: ReadonlyMap<string, Summary>): string {
  const head = `# HELP ${name} ${help[name] ?? name}\n# TYPE ${name} summary\n`;
  const lines = [...series].map(([labels, { count, sum }]) => `${name}_sum${labels} ${sum}\n${name}_count${labels} ${count}\n`);
  return head + lines.join("");
}
