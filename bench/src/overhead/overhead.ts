import { z } from "zod";
import type { Bench, Report } from "../bench.ts";
import { askChild } from "../lib/child.ts";
import type { Parts } from "../lib/figure.ts";
import { selfTimeSchema, showHottest } from "../lib/profile.ts";
import { median } from "../lib/statistics.ts";
import type { Options } from "../options.ts";
import { type Measured, measuredSchema } from "./measure.ts";
import { measurePeers } from "./peers.ts";

const targets: { readonly [concurrency: number]: number } = { 1: 0.6, 50: 1, 500: 1 };
const rssTargetMiB = 100;
const names = ["floor", "ours"] as const;

/** Runs that are measured, and those before them of which the memory is told. */
const runs = 1000;
const firstRuns = 500;
/** Until the compiler has nothing left to do: before that its own work is a third of what is measured, of the floor's too. */
const warmRuns = 3000;

const saidSchema = measuredSchema.extend({ hottest: z.array(selfTimeSchema) });
type Said = z.infer<typeof saidSchema>;

interface Row {
  readonly peer: string;
  readonly concurrency: number;
  readonly measured: Measured;
}

export const overhead: Bench = {
  name: "overhead",
  measures: "CPU per run of the whole core with a model that answers at once: 5 tools and 200 tokens, beside a floor by hand",
  async run(options, report) {
    if (options.profile !== undefined) await profileOurs(options.profile, options, report);
    const levels = options.concurrency === undefined ? [1, 50, 500] : [options.concurrency];
    const own = await measureAll(levels, options, report);
    const rows = [...own, ...(await measurePeers(levels, options, report))].toSorted((a, b) => a.concurrency - b.concurrency);
    show(rows, report);
    return figureOf(rows, levels);
  },
};

/** Interleaved: each round measures every peer at every level once, so that a busy minute falls on all of them. */
async function measureAll(levels: readonly number[], options: Options, report: Report): Promise<readonly Row[]> {
  const seen: Row[] = [];
  for (let round = 0; round < (options.rounds ?? 3); round += 1) {
    for (const concurrency of levels) {
      for (const peer of names) {
        const { hottest: _, ...measured } = await measureOne(peer, { concurrency, options, profile: null });
        report.raw({ bench: "overhead", round, peer, concurrency, ...measured });
        seen.push({ peer, concurrency, measured });
      }
    }
  }
  const keys = levels.flatMap((concurrency) => names.map((peer) => ({ peer, concurrency })));
  return keys.map((key) => ({ ...key, measured: medians(seen.filter((row) => isOf(row, key)).map((row) => row.measured)) }));
}

interface Measuring {
  readonly concurrency: number;
  readonly options: Options;
  readonly profile: string | null;
}

function measureOne(peer: string, { concurrency, options, profile }: Measuring): Promise<Said> {
  const scaled = (count: number): number => Math.max(1, Math.round(count * options.scale));
  const load = { concurrency, runs: scaled(runs), firstRuns: scaled(firstRuns), warmRuns: scaled(warmRuns) };
  return askChild(new URL(`child${import.meta.url.slice(-3)}`, import.meta.url), { peer, load, profile }, saidSchema);
}

function isOf(row: Row, key: { readonly peer: string; readonly concurrency: number }): boolean {
  return row.peer === key.peer && row.concurrency === key.concurrency;
}

function medians(all: readonly Measured[]): Measured {
  const of = (key: keyof Measured): number => median(all.map((measured) => measured[key]));
  const lost = all.reduce((sum, measured) => sum + measured.lost, 0);
  const keys = ["cpuMs", "runsPerSecond", "p50", "p99", "rssGrowthMiB"] as const;
  const [cpuMs = 0, runsPerSecond = 0, p50 = 0, p99 = 0, rssGrowthMiB = 0] = keys.map(of);
  return { cpuMs, runsPerSecond, p50, p99, rssGrowthMiB, lost };
}

async function profileOurs(file: string, options: Options, report: Report): Promise<void> {
  const concurrency = options.concurrency ?? 1;
  const { hottest, cpuMs } = await measureOne("ours", { concurrency, options, profile: file });
  const cost = `${cpuMs.toFixed(3)} ms CPU a run with the profiler on`;
  showHottest(`Self time of ours at ${concurrency} at once (${cost}); whole profile: ${file}`, hottest, report);
}

function show(rows: readonly Row[], report: Report): void {
  report.table({
    title: "One message, 5 tools, 200 tokens; CPU = user + system of a process of its own; medians",
    columns: ["at once", "peer", "CPU ms/run", "x floor", "runs/s", "p50 ms", "p99 ms", "RSS +MiB", "lost"],
    rows: rows.map(({ concurrency, peer, measured }) => {
      const { cpuMs, runsPerSecond, p50, p99, rssGrowthMiB, lost } = measured;
      const floor = cpuAt(rows, "floor", concurrency);
      return [String(concurrency), peer, cpuMs, cpuMs / floor, runsPerSecond, p50, p99, rssGrowthMiB, lost];
    }),
  });
}

function cpuAt(rows: readonly Row[], peer: string, concurrency: number): number {
  return rows.find((row) => isOf(row, { peer, concurrency }))?.measured.cpuMs ?? Number.NaN;
}

function figureOf(rows: readonly Row[], levels: readonly number[]) {
  const first = levels[0] ?? 1;
  const [figure, baseline] = [cpuAt(rows, "ours", first), cpuAt(rows, "floor", first)];
  const parts = Object.fromEntries(rows.map((row) => [`${row.peer}At${row.concurrency}`, partOf(row)]));
  return {
    bench: "overhead",
    figure,
    unit: "ms CPU/run",
    target: targets[first] ?? 1,
    baseline,
    ratio: figure / baseline,
    parts,
  };
}

function partOf({ peer, concurrency, measured }: Row): Parts {
  const goals = { target: targets[concurrency] ?? 1, rssTargetMiB };
  return { ...measured, ...(peer === "ours" ? goals : {}) };
}
