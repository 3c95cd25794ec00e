import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "../bench.ts";
import type { Pace } from "../lib/pace.ts";
import { geometricMean, median, percentile } from "../lib/statistics.ts";
import { limitsOf } from "./limits.ts";
import { type Contestants, timeOne } from "./measure.ts";
import { type Workload, longestChainFirst } from "./workload.ts";

export interface Crowd {
  readonly concurrency: number;
  readonly pace: Pace;
  readonly workloads: readonly Workload[];
}

export interface Crowded {
  readonly concurrency: number;
  /** Geometric mean over the workloads of the median run over its own plan's limit. */
  readonly toOwnLimit: number;
  readonly worst: number;
  readonly p99: number;
  /** Of the engine and its model adapters; the model server is another process. */
  readonly cpuMsPerRun: number;
  /** CPU time over time: 1 is a whole core. */
  readonly cores: number;
}

/** The share of the shortest run in which all runs begin: people do not press a key in the same millisecond. */
const arrival = 0.25;

/** So many runs of ours at once, the workloads in turn. */
export async function sideBySide(contestants: Contestants, crowd: Crowd, report: Report): Promise<Crowded> {
  const { concurrency, pace, workloads } = crowd;
  const ratios = new Map<Workload, number[]>(workloads.map((workload) => [workload, []]));
  const limits = new Map(workloads.map((one) => [one, limitsOf(longestChainFirst(one.todos), pace).ownPlan]));
  const spread = arrival * Math.min(...limits.values());
  const started = performance.now();
  const cpu = process.cpuUsage();
  await Promise.all(
    Array.from({ length: concurrency }, async (_, index) => {
      const workload = workloads[index % workloads.length];
      if (workload === undefined) return;
      await sleep((index * spread) / concurrency);
      const ms = await timeOne(contestants, { workload, style: "longest first", nonce: `crowd.${index}` }, report);
      ratios.get(workload)?.push(ms / (limits.get(workload) ?? Number.NaN));
    }),
  );
  const medians = [...ratios.values()].filter((all) => all.length > 0).map(median);
  const all = [...ratios.values()].flat();
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1000;
  const found = {
    concurrency,
    toOwnLimit: geometricMean(medians),
    worst: Math.max(...all),
    p99: percentile(all, 0.99),
    cpuMsPerRun: cpuMs / concurrency,
    cores: cpuMs / (performance.now() - started),
  };
  report.line(
    `\n${concurrency} runs at once: ${found.toOwnLimit.toFixed(3)} x their own plans' limits ` +
      `(p99 ${found.p99.toFixed(3)}, worst ${found.worst.toFixed(3)}); ` +
      `${found.cpuMsPerRun.toFixed(1)} ms CPU a run, ${found.cores.toFixed(2)} of a core`,
  );
  return found;
}
