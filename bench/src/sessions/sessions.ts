import { z } from "zod";
import type { Bench, Report } from "../bench.ts";
import { type Child, startChild } from "../lib/child.ts";
import { type BenchDatabase, startDatabase } from "../lib/database.ts";
import type { Figure, Parts } from "../lib/figure.ts";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import type { Options } from "../options.ts";
import { type Level, type Setting, measureLevel } from "./level.ts";
import { holds, p99TargetMs, searchMost } from "./search.ts";
import { type Variant, tokensPerSecond, variants } from "./variant.ts";

interface Found {
  readonly variant: Variant;
  readonly levels: readonly Level[];
  /** The most sessions that held; null where none did. */
  readonly best: Level | null;
}

export const sessions: Bench = {
  name: "sessions",
  measures: `sessions of ${tokensPerSecond} tokens a second in one process, model server to WebSocket client, until p99 is above ${p99TargetMs} ms`,
  async run(options, report) {
    const found: Found[] = [];
    for (const variant of variants.filter(({ name }) => name.includes(options.only ?? ""))) {
      const one = await measureVariant(variant, options, report);
      if (one !== null) found.push(one);
    }
    return figureOf(found);
  },
};

async function measureVariant(variant: Variant, options: Options, report: Report): Promise<Found | null> {
  const database = variant.name === "full" ? await startDatabase("postgres") : null;
  if (variant.name === "full" && database === null) {
    report.line("PostgreSQL is not installed: the full variant is left out.");
    return null;
  }
  const folder = await temporaryFolder();
  try {
    const { concurrency, scale } = options;
    const root = variant.name === "full" ? folder.path : null;
    const measure = async (count: number): Promise<Level> => {
      const level = await measureAfresh({ variant, database, root, options, report }, count);
      report.raw({ bench: "sessions", variant: variant.name, ...level });
      return level;
    };
    const isHeld = (level: Level): boolean => holds(level, tokensPerSecond * variant.answering);
    const first = Math.max(1, Math.round(variant.target * Math.min(1, scale)));
    const levels =
      concurrency === undefined ? await searchMost({ sessions: first, measure, holds: isHeld }) : [await measure(concurrency)];
    const best = levels.filter(isHeld).toSorted((a, b) => b.sessions - a.sessions)[0] ?? null;
    show(variant, levels, report);
    return { variant, levels, best };
  } finally {
    await database?.stop();
    await folder.remove();
  }
}

/** In processes of its own: what a level leaves behind that was too much would count against the next. */
async function measureAfresh(starting: Starting, count: number): Promise<Level> {
  const started: Child<object>[] = [];
  try {
    return await measureLevel(await start(starting, started), count);
  } finally {
    for (const child of started) await child.end();
  }
}

interface Starting {
  readonly variant: Variant;
  readonly database: BenchDatabase | null;
  readonly root: string | null;
  readonly options: Options;
  readonly report: Report;
}

/** Starts the three processes; what is started is in the list, so that it is ended whatever happens. */
async function start({ variant, database, root, options, report }: Starting, started: Child<object>[]): Promise<Setting> {
  const childOf = <Schema extends z.ZodType<object>>(name: string, settings: object, schema: Schema): Child<z.infer<Schema>> => {
    const child = startChild(new URL(`${name}${import.meta.url.slice(-3)}`, import.meta.url), settings, schema);
    started.unshift(child);
    return child;
  };
  const place = database?.place ?? { kind: "memory" };
  const withUrl = z.object({ url: z.string() });
  const model = childOf("model-server", { tokensPerSecond }, withUrl);
  const { url: modelUrl } = await model.message();
  const engine = childOf("engine-child", { modelUrl, place, tools: root !== null }, withUrl);
  const clients = childOf("clients-child", { url: (await engine.message()).url, tokens: variant.tokens }, z.object({}));
  await clients.message();
  const processes = { engine: engine.pid, model: model.pid, clients: clients.pid };
  const parties = { ...processes, ...(database === null || database.pid === null ? {} : { database: database.pid }) };
  const time = (ms: number): number => Math.max(300, ms * options.scale);
  // By then the first ones have planned and are being answered, however short the rest is.
  const times = { rampMs: time(3000), warmMs: 2000, windowMs: time(8000) };
  return { engine, model, clients, parties, root, profile: options.profile ?? null, report, ...times };
}

function show({ name, target }: Variant, levels: readonly Level[], report: Report): void {
  report.table({
    title: `${name} (target ${target}): from the model server's write to the client's receipt; cores in use of each process`,
    columns: [
      "sessions",
      "tokens/s",
      "runs/s",
      "p50 ms",
      "p99 ms",
      "max ms",
      "engine",
      "engine µs/token",
      "model",
      "clients",
      "database",
      "loop p99 ms",
      "model late ms",
    ],
    rows: levels.map((level) => [
      String(level.sessions),
      level.tokensPerSecond,
      level.runsPerSecond,
      level.p50,
      level.p99,
      level.max,
      level.shares["engine"] ?? null,
      cpuPerToken(level),
      level.shares["model"] ?? null,
      level.shares["clients"] ?? null,
      level.shares["database"] ?? null,
      level.loopDelay,
      level.modelLate,
    ]),
  });
}

/** Of the engine, and of what it starts. */
function cpuPerToken({ shares: { engine }, tokensPerSecond: perSecond }: Level): number | null {
  return engine === null || engine === undefined ? null : (engine * 1e6) / perSecond;
}

/** That of the text where it was measured. */
function figureOf(found: readonly Found[]): Figure {
  const { variant, best } = found[0] ?? { variant: variants[0], best: null };
  const parts: Parts = Object.fromEntries(found.map((one) => [one.variant.name, partOf(one)]));
  const figure = best?.sessions ?? 0;
  return { bench: "sessions", figure, unit: "sessions", target: variant?.target ?? 0, baseline: null, ratio: null, parts };
}

function partOf({ variant: { target }, best, levels }: Found): Parts {
  const shown = best ?? levels.at(-1);
  if (shown === undefined) return { target, sessions: 0 };
  const { shares, sessions: _, ...level } = shown;
  return {
    target,
    sessions: best?.sessions ?? 0,
    ...level,
    engineMicrosecondsPerToken: cpuPerToken(shown),
    cores: { ...shares },
  };
}
