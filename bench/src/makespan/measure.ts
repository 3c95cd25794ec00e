import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "../bench.ts";
import { median } from "../lib/statistics.ts";
import type { OurRun } from "./ours.ts";
import type { Running } from "./running.ts";
import { type Style, marker, styles } from "./script.ts";
import type { TheirRun } from "./theirs.ts";
import { type Workload, longestChainFirst } from "./workload.ts";

export interface Contestants {
  readonly ours: Running<OurRun>;
  readonly theirs: Running<TheirRun>;
}

/** A workload done in a style, and how long it took each time. */
export interface Timing {
  readonly workload: Workload;
  readonly style: Style;
  readonly ms: number;
}

export interface Plan {
  readonly workloads: readonly Workload[];
  readonly styles: readonly Style[];
  readonly rounds: number;
  /** Between the starts of two runs. They go on side by side, as nearly all of their time is waiting. */
  readonly staggerMs: number;
}

/** What is loaded and compiled with the first run is not what is measured. */
export async function warmUp(contestants: Contestants, workload: Workload, report: Report): Promise<void> {
  const quiet = { ...report, raw: () => undefined };
  await Promise.all(styles.map((style) => timeOne(contestants, { workload, style, nonce: "warm" }, quiet)));
}

/** All workloads in all styles side by side, round after round; medians. */
export async function timeAll(contestants: Contestants, plan: Plan, report: Report): Promise<readonly Timing[]> {
  const pairs = plan.workloads.flatMap((workload) => plan.styles.map((style) => ({ workload, style })));
  const times = pairs.map((): number[] => []);
  for (let round = 0; round < plan.rounds; round += 1) {
    await Promise.all(
      pairs.map(async (pair, index) => {
        await sleep(index * plan.staggerMs);
        times[index]?.push(await timeOne(contestants, { ...pair, nonce: `${round}.${index}` }, report));
      }),
    );
  }
  return pairs.map((pair, index) => ({ ...pair, ms: median(times[index] ?? []) }));
}

interface One {
  readonly workload: Workload;
  readonly style: Style;
  readonly nonce: string;
}

export async function timeOne({ ours, theirs }: Contestants, one: One, report: Report): Promise<number> {
  const { workload, style, nonce } = one;
  const message = `Please do this: ${workload.name}. ${marker(workload, style, nonce)}`;
  const started = performance.now();
  const named = { bench: "makespan", workload: workload.name, style, nonce };
  const ms = await timed();
  report.raw({ ...named, type: "run", startedAt: started, ms });
  return ms;

  function timed(): Promise<number> {
    if (style === "as written" || style === "longest first") {
      const todos = style === "as written" ? workload.todos : longestChainFirst(workload.todos);
      const onFrame: OurRun["onFrame"] = (frame) => {
        if (!("seq" in frame)) return;
        const todo = "todoId" in frame.data ? { todoId: frame.data.todoId } : {};
        report.raw({ ...named, type: frame.type, ...todo, ms: performance.now() - started });
      };
      return ours.run({ todos, message, onFrame });
    }
    return theirs.run({ todos: workload.todos, message, by: style === "json plan" ? "json" : "calls" });
  }
}
