import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Report } from "../bench.ts";
import type { Child } from "../lib/child.ts";
import type { DatabaseKind } from "../lib/database.ts";
import { selfTimeSchema, showHottest } from "../lib/profile.ts";
import { type Parties, type Shares, watchCpu } from "../lib/process-cpu.ts";
import type { Options } from "../options.ts";
import { loadSchema } from "./load.ts";
import { modelMs } from "./workload.ts";

const measuredSchema = loadSchema.extend({ walBytes: z.number().nullable(), diskBytes: z.number().nullable() });

/** So many runs at once, and what came of it. */
export interface Level {
  readonly lanes: number;
  readonly load: z.infer<typeof measuredSchema>;
  /** Cores in use. */
  readonly shares: Shares;
  /** Of engine and database, not of the model server; null where it cannot be told. */
  readonly cpuMsPerRun: number | null;
}

const ladder = [25, 50, 100, 150, 200, 300, 400, 600] as const;
const windowMs = 6000;
/** A step up that brings no more than this is the end. */
const worthwhile = 1.03;

interface Climbing {
  readonly database: DatabaseKind;
  readonly parties: Parties;
  readonly options: Options;
  readonly report: Report;
}

/** More and more runs at once until that brings no more. */
export async function findKnee(engine: Child<object>, climbing: Climbing) {
  const { concurrency, scale } = climbing.options;
  const steps =
    concurrency === undefined ? ladder.map((lanes) => Math.max(1, Math.round(lanes * Math.min(1, scale)))) : [concurrency];
  const levels: Level[] = [];
  let best: Level | null = null;
  for (const lanes of steps) {
    const level = await measureLevel(engine, lanes, climbing);
    levels.push(level);
    const gain = best === null ? Number.POSITIVE_INFINITY : level.load.runsPerSecond / best.load.runsPerSecond;
    if (best === null || gain > 1) best = level;
    if (gain < worthwhile) break;
  }
  if (best === null) throw new Error("There is no level to measure.");
  return { levels, best };
}

async function measureLevel(engine: Child<object>, lanes: number, climbing: Climbing): Promise<Level> {
  const { scale } = climbing.options;
  await engine.ask({ type: "start", lanes, overMs: modelMs * scale }, z.object({}));
  await sleep(3 * modelMs * scale);
  const stopWatch = await watchCpu(climbing.parties);
  const load = await engine.ask({ type: "measure", ms: windowMs * scale }, measuredSchema);
  const shares = await stopWatch();
  await takeProfile(engine, lanes, climbing);
  await engine.ask({ type: "stop" }, z.object({}));
  climbing.report.raw({ bench: "durable", type: "level", database: climbing.database, lanes, ...load, shares });
  return { lanes, load, shares, cpuMsPerRun: cpuPerRun(shares, load.runsPerSecond) };
}

/** After the figures, as a profiler costs. */
async function takeProfile(engine: Child<object>, lanes: number, { database, options, report }: Climbing): Promise<void> {
  if (options.profile === undefined) return;
  const answer = z.object({ hottest: z.array(selfTimeSchema) });
  const { hottest } = await engine.ask({ type: "profile", file: options.profile, ms: windowMs * options.scale }, answer);
  showHottest(
    `Self time of the engine on ${database} with ${lanes} runs at once; whole profile: ${options.profile}`,
    hottest,
    report,
  );
}

function cpuPerRun({ engine, database }: Shares, runsPerSecond: number): number | null {
  if (engine === null || engine === undefined) return null;
  return ((engine + (database ?? 0)) * 1000) / runsPerSecond;
}

export function showLevels(database: DatabaseKind, levels: readonly Level[], report: Report): void {
  report.table({
    title: `${database}: runs of 1 s of model time, 2 reads and 3 effects; cores in use of each process`,
    columns: [
      "at once",
      "runs/s",
      "p50 ms",
      "p99 ms",
      "events/run",
      "CPU ms/run",
      "engine",
      "database",
      "model",
      "WAL KiB/run",
      "disk KiB/run",
    ],
    rows: levels.map(({ lanes, load, shares, cpuMsPerRun }) => [
      String(lanes),
      load.runsPerSecond,
      load.p50,
      load.p99,
      load.eventsPerRun,
      cpuMsPerRun,
      shares["engine"] ?? null,
      shares["database"] ?? null,
      shares["model"] ?? null,
      kib(load.walBytes),
      kib(load.diskBytes),
    ]),
  });
}

function kib(bytes: number | null): number | null {
  return bytes === null ? null : bytes / 1024;
}
