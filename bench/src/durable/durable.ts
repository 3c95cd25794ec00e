import { z } from "zod";
import type { Bench, Report } from "../bench.ts";
import { type Child, startChild } from "../lib/child.ts";
import { type BenchDatabase, type DatabaseKind, databaseKinds, startDatabase } from "../lib/database.ts";
import type { Figure, Parts } from "../lib/figure.ts";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import type { Options } from "../options.ts";
import { type CommitCost, measureCommitCost, showCommitCosts } from "./commit-cost.ts";
import { type Level, findKnee, showLevels } from "./knee.ts";

const target = 100;
const commitTarget = 2.5;

/** What was found on one database. */
interface Found {
  readonly database: DatabaseKind;
  readonly levels: readonly Level[];
  /** The level with most runs a second. */
  readonly best: Level;
  readonly cost: CommitCost;
}

export const durable: Bench = {
  name: "durable",
  measures: "runs per second with every step on disk: 1 s of model time, 2 reads and 3 effects, on PostgreSQL and on PGlite",
  async run(options, report) {
    const kinds = databaseKinds.filter((kind) => kind.includes(options.only ?? ""));
    const file = new URL(`model-server${import.meta.url.slice(-3)}`, import.meta.url);
    const model = startChild(file, { scale: options.scale }, z.object({ url: z.string() }));
    const found: Found[] = [];
    try {
      const modelUrl = options["model-url"] ?? (await model.message()).url;
      for (const kind of kinds) {
        const on = await measureOn(kind, { modelUrl, modelPid: model.pid, options, report });
        if (on !== null) found.push(on);
      }
    } finally {
      await model.end();
    }
    showCommitCosts(found, report);
    return figureOf(found);
  },
};

interface Measuring {
  readonly modelUrl: string;
  readonly modelPid: number;
  readonly options: Options;
  readonly report: Report;
}

async function measureOn(kind: DatabaseKind, measuring: Measuring): Promise<Found | null> {
  const { options, report } = measuring;
  const database = await startDatabase(kind);
  if (database === null) {
    report.line(`PostgreSQL is not installed: ${kind} is left out.`);
    return null;
  }
  const folder = await temporaryFolder();
  const engine = await startEngine(database, { root: folder.path, modelUrl: measuring.modelUrl });
  try {
    const cost = await measureCommitCost(engine, { database: kind, options, report });
    const parties = {
      engine: engine.pid,
      model: measuring.modelPid,
      ...(database.pid === null ? {} : { database: database.pid }),
    };
    const { levels, best } = await findKnee(engine, { database: kind, parties, options, report });
    showLevels(kind, levels, report);
    return { database: kind, levels, best, cost };
  } finally {
    await engine.end();
    await database.stop();
    await folder.remove();
  }
}

async function startEngine(
  { place }: BenchDatabase,
  settings: { readonly root: string; readonly modelUrl: string },
): Promise<Child<object>> {
  const file = new URL(`engine-child${import.meta.url.slice(-3)}`, import.meta.url);
  const engine = startChild(file, { ...settings, place }, z.object({}));
  await engine.message();
  return engine;
}

/** That of the first database: PostgreSQL as it comes, where it is there. */
function figureOf(found: readonly Found[]): Figure {
  const figure = found[0]?.best.load.runsPerSecond ?? Number.NaN;
  const parts: Parts = Object.fromEntries(
    found.map(({ database, best, cost }) => [database, { ...partOf(best), commit: { ...cost } }]),
  );
  return { bench: "durable", figure, unit: "runs/s", target, baseline: null, ratio: null, parts: { commitTarget, ...parts } };
}

function partOf({ lanes, load, cpuMsPerRun }: Level): Parts {
  return { lanes, ...load, cpuMsPerRun };
}
