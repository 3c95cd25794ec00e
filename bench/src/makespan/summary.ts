import type { Report } from "../bench.ts";
import type { Figure, Parts } from "../lib/figure.ts";
import type { Pace } from "../lib/pace.ts";
import { geometricMean } from "../lib/statistics.ts";
import { isDag } from "./dag-workloads.ts";
import { limitsOf } from "./limits.ts";
import type { Timing } from "./measure.ts";
import { type PeerTimes, meanOf } from "./peers.ts";
import type { Style } from "./script.ts";
import type { Crowded } from "./side-by-side.ts";
import { type Workload, longestChainFirst } from "./workload.ts";

/** A workload's row: times over the limit of any plan, and ours over the limits of their own plans. */
interface Row {
  readonly workload: Workload;
  readonly limitMs: number;
  readonly plan: { readonly written: number; readonly best: number };
  readonly toLimit: { readonly [style in Style]: number };
  readonly toPlan: { readonly written: number; readonly best: number };
}

function rowsOf(timings: readonly Timing[], pace: Pace): readonly Row[] {
  return [...new Set(timings.map(({ workload }) => workload))].map((workload) => {
    const ms = (style: Style): number =>
      timings.find((timing) => timing.workload === workload && timing.style === style)?.ms ?? Number.NaN;
    const written = limitsOf(workload.todos, pace);
    const best = limitsOf(longestChainFirst(workload.todos), pace);
    const over = (style: Style): number => ms(style) / written.anyPlan;
    return {
      workload,
      limitMs: written.anyPlan,
      plan: { written: written.ownPlan / written.anyPlan, best: best.ownPlan / best.anyPlan },
      toLimit: {
        "as written": over("as written"),
        "longest first": over("longest first"),
        "one call a turn": over("one call a turn"),
        "calls per turn": over("calls per turn"),
        "json plan": over("json plan"),
      },
      toPlan: { written: ms("as written") / written.ownPlan, best: ms("longest first") / best.ownPlan },
    };
  });
}

export function showWorkloads(timings: readonly Timing[], pace: Pace, report: Report): void {
  const rows = rowsOf(timings, pace);
  const cells = (name: string, limit: number | null, of: (pick: (row: Row) => number) => number) => [
    name,
    limit,
    of(({ plan }) => plan.written),
    of(({ toLimit }) => toLimit["as written"]),
    of(({ toPlan }) => toPlan.written),
    of(({ plan }) => plan.best),
    of(({ toLimit }) => toLimit["longest first"]),
    of(({ toPlan }) => toPlan.best),
    of(({ toLimit }) => toLimit["one call a turn"]),
    of(({ toLimit }) => toLimit["calls per turn"]),
    of(({ toLimit }) => toLimit["json plan"]),
  ];
  const eight = rows.filter(({ workload }) => isDag(workload));
  const mean = cells("geometric mean of the DAGs", null, (pick) => geometricMean(eight.map(pick)));
  report.table({
    title:
      "Makespan over L0, the limit of a planner that writes infinitely fast. LC: limit of the plan as written; LC*: in the best order\n" +
      "ours/LC, best/LC*: what the engine adds to the limit of its own plan",
    columns: ["workload", "L0 ms", "LC", "ours", "ours/LC", "LC*", "ours best", "best/LC*", "ReAct", "calls/turn", "JSON plan"],
    rows: [
      ...eight.map((row) => cells(row.workload.name, row.limitMs, (pick) => pick(row))),
      ...(eight.length > 0 ? [mean] : []),
      ...rows.filter(({ workload }) => !isDag(workload)).map((row) => cells(row.workload.name, row.limitMs, (pick) => pick(row))),
    ],
  });
}

const target = 1.14;

export function figureOf(found: {
  readonly alone: readonly Timing[];
  readonly peers: readonly PeerTimes[];
  readonly together: Crowded | null;
  readonly pace: Pace;
}): Figure {
  const rows = rowsOf(found.alone, found.pace);
  const dags = rows.filter(({ workload }) => isDag(workload));
  const counted = dags.length === 0 ? rows : dags;
  const mean = (pick: (row: Row) => number): number | null => (rows.length === 0 ? null : geometricMean(counted.map(pick)));
  const crowd: Parts = found.together === null ? {} : { sideBySide: { ...found.together, target: 1.05 } };
  const figure = mean(({ toLimit }) => toLimit["longest first"]);
  const baseline = mean(({ toLimit }) => toLimit["calls per turn"]);
  if (figure === null || baseline === null) {
    const value = found.together?.toOwnLimit ?? Number.NaN;
    return {
      bench: "makespan",
      figure: value,
      unit: "x own plan's limit",
      target: 1.05,
      baseline: null,
      ratio: null,
      parts: crowd,
    };
  }
  const parts: Parts = {
    asWritten: { figure: mean(({ toLimit }) => toLimit["as written"]), target: 1.2 },
    toOwnLimit: {
      longestFirst: mean(({ toPlan }) => toPlan.best),
      asWritten: mean(({ toPlan }) => toPlan.written),
      target: 1.02,
    },
    slowestAgainstCallsPerTurn: {
      figure: Math.max(...rows.map(({ toLimit }) => toLimit["as written"] / toLimit["calls per turn"])),
      longestFirst: Math.max(...rows.map(({ toLimit }) => toLimit["longest first"] / toLimit["calls per turn"])),
      target: 1,
    },
    react: mean(({ toLimit }) => toLimit["one call a turn"]),
    jsonPlan: mean(({ toLimit }) => toLimit["json plan"]),
    ...Object.fromEntries(found.peers.map(({ peer, ratios }) => [peer, meanOf(ratios)])),
    ...crowd,
    workloads: Object.fromEntries(rows.map((row) => [row.workload.name, workloadParts(row)])),
  };
  return { bench: "makespan", figure, unit: "x limit", target, baseline, ratio: figure / baseline, parts };
}

function workloadParts({ limitMs, plan, toLimit, toPlan }: Row): Parts {
  return { limitMs, planLimit: { ...plan }, toLimit: { ...toLimit }, toPlan: { ...toPlan } };
}
