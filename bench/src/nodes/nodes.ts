import { setTimeout as sleep } from "node:timers/promises";
import { startRedisServer } from "@orquestra/core/testing";
import { z } from "zod";
import type { Bench, Report } from "../bench.ts";
import { modelMs } from "../durable/workload.ts";
import { type Child, startChild } from "../lib/child.ts";
import { startDatabase } from "../lib/database.ts";
import type { Figure, Parts } from "../lib/figure.ts";
import { type Parties, type Shares, watchCpu } from "../lib/process-cpu.ts";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import type { Options } from "../options.ts";

/** No target is set for it: what several nodes may cost in all, for each run, beside one that is alone. */
const target = 1.5;
const lanes = 60;
const windowMs = 8000;

/** `alone`: one node that knows of no Redis. */
const constellations = [
  { name: "1 alone", nodes: 1, redis: false },
  { name: "1", nodes: 1, redis: true },
  { name: "2", nodes: 2, redis: true },
  { name: "3", nodes: 3, redis: true },
] as const;
type Constellation = (typeof constellations)[number];

const measuredSchema = z.strictObject({
  runs: z.number(),
  runsPerSecond: z.number(),
  p50: z.number(),
  p99: z.number(),
  lag: z.strictObject({ p50: z.number(), p99: z.number() }).nullable(),
});

interface Found extends z.infer<typeof measuredSchema> {
  readonly constellation: Constellation;
  readonly shares: Shares;
  /** Of all nodes, database and Redis; null where it cannot be told. */
  readonly cpuMsPerRun: number | null;
}

export const nodes: Bench = {
  name: "nodes",
  measures: "1, 2 and 3 nodes on one machine, PostgreSQL and Redis: they share its cores, so that it is their cost that is seen",
  async run(options, report) {
    const found: Found[] = [];
    for (const constellation of constellations.filter(({ name }) => name.includes(options.only ?? ""))) {
      const one = await measureConstellation(constellation, options, report);
      if (one !== null) found.push(one);
    }
    show(found, report);
    return figureOf(found);
  },
};

/** A database and a Redis of its own for each, so that none finds what another left. What was started is ended in reverse. */
async function measureConstellation(constellation: Constellation, options: Options, report: Report): Promise<Found | null> {
  const endings: (() => Promise<void>)[] = [];
  try {
    const setting = await start(constellation, options, endings);
    if (setting === null) {
      report.line(`PostgreSQL or Redis is not installed: ${constellation.name} is left out.`);
      return null;
    }
    const { clients, parties } = setting;
    const nothing = z.strictObject({});
    const atOnce = Math.max(1, Math.round(options.concurrency ?? lanes * Math.min(1, options.scale)));
    await clients.ask({ type: "start", lanes: atOnce, overMs: modelMs * options.scale }, nothing);
    await sleep(5 * modelMs * options.scale);
    const stopWatch = await watchCpu(parties);
    const measured = await clients.ask({ type: "measure", ms: windowMs * options.scale }, measuredSchema);
    const shares = await stopWatch();
    await clients.ask({ type: "stop" }, nothing);
    const found = { constellation, ...measured, shares, cpuMsPerRun: cpuPerRun(shares, measured.runsPerSecond) };
    report.raw({ bench: "nodes", ...found, constellation: constellation.name });
    return found;
  } finally {
    for (const end of endings.toReversed()) await end();
  }
}

interface Setting {
  readonly clients: Child<object>;
  readonly parties: Parties;
}

async function start(
  { nodes: count, redis: withRedis }: Constellation,
  options: Options,
  endings: (() => Promise<void>)[],
): Promise<Setting | null> {
  const folder = await temporaryFolder();
  endings.push(() => folder.remove());
  const database = await startDatabase("postgres");
  if (database === null) return null;
  endings.push(() => database.stop());
  const redis = withRedis ? await startRedisServer() : null;
  if (withRedis && redis === null) return null;
  if (redis !== null) endings.push(() => redis.stop());
  const childOf = <Schema extends z.ZodType<object>>(file: string, settings: object, schema: Schema): Child<z.infer<Schema>> => {
    const child = startChild(new URL(`${file}${import.meta.url.slice(-3)}`, import.meta.url), settings, schema);
    endings.push(() => child.end());
    return child;
  };
  const withUrl = z.object({ url: z.string() });
  const model = childOf("../durable/model-server", { scale: options.scale }, withUrl);
  const { url: modelUrl } = await model.message();
  const settings = { modelUrl, place: database.place, redisUrl: redis?.url ?? null, root: folder.path };
  const all: { readonly child: Child<object>; readonly url: string }[] = [];
  // One after the other: the first makes the tables.
  for (let node = 1; node <= count; node += 1) {
    const child = childOf("node-child", { ...settings, nodeId: `node-${node}` }, withUrl);
    all.push({ child, url: (await child.message()).url });
  }
  const clients = childOf("clients-child", { urls: all.map(({ url }) => url) }, z.object({}));
  await clients.message();
  const processes = Object.fromEntries(all.map(({ child }, index) => [`node ${index + 1}`, child.pid]));
  const services = { database: database.pid ?? 0, ...(redis === null ? {} : { redis: redis.pid }) };
  return { clients, parties: { ...processes, ...services, model: model.pid, clients: clients.pid } };
}

function nodesOf(shares: Shares): number | null {
  const all = Object.entries(shares).filter(([name]) => name.startsWith("node"));
  return all.reduce<number | null>((sum, [, share]) => (sum === null || share === null ? null : sum + share), 0);
}

function cpuPerRun(shares: Shares, runsPerSecond: number): number | null {
  const inNodes = nodesOf(shares);
  if (inNodes === null) return null;
  return ((inNodes + (shares["database"] ?? 0) + (shares["redis"] ?? 0)) * 1000) / runsPerSecond;
}

function show(found: readonly Found[], report: Report): void {
  report.table({
    title: `Runs of 1 s of model time, 2 reads and 3 effects, over WebSocket; cores in use; "lag": by how much later a client of another node knows of a run's end`,
    columns: [
      "nodes",
      "runs/s",
      "p50 ms",
      "p99 ms",
      "CPU ms/run",
      "nodes' cores",
      "database",
      "Redis",
      "model",
      "clients",
      "lag p50 ms",
      "lag p99 ms",
    ],
    rows: found.map(({ constellation, runsPerSecond, p50, p99, cpuMsPerRun, shares, lag }) => [
      constellation.name,
      runsPerSecond,
      p50,
      p99,
      cpuMsPerRun,
      nodesOf(shares),
      shares["database"] ?? null,
      shares["redis"] ?? null,
      shares["model"] ?? null,
      shares["clients"] ?? null,
      lag?.p50 ?? null,
      lag?.p99 ?? null,
    ]),
  });
}

/** The most nodes beside the first constellation. */
function figureOf(found: readonly Found[]): Figure {
  const [first, last] = [found[0]?.cpuMsPerRun ?? Number.NaN, found.at(-1)?.cpuMsPerRun ?? Number.NaN];
  const parts: Parts = Object.fromEntries(found.map((one) => [one.constellation.name, partOf(one)]));
  return {
    bench: "nodes",
    figure: last / first,
    unit: "x CPU/run of a node alone",
    target,
    baseline: 1,
    ratio: last / first,
    parts,
  };
}

function partOf({ runsPerSecond, p50, p99, cpuMsPerRun, lag, shares }: Found): Parts {
  return { runsPerSecond, p50, p99, cpuMsPerRun, lag, cores: { ...shares } };
}
