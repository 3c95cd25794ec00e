import { z } from "zod";
import type { Bench, Report } from "../bench.ts";
import { startChild } from "../lib/child.ts";
import { patientModelAt } from "../lib/model.ts";
import { type Pace, paceOf } from "../lib/pace.ts";
import { profiled, showHottest } from "../lib/profile.ts";
import type { Options } from "../options.ts";
import { type Contestants, type Timing, timeAll, warmUp } from "./measure.ts";
import { openOurs } from "./ours.ts";
import { checkPace } from "./check-pace.ts";
import { type Crowd, type Crowded, sideBySide } from "./side-by-side.ts";
import { figureOf, showWorkloads } from "./summary.ts";
import { isDag } from "./dag-workloads.ts";
import { styles, workloads } from "./script.ts";
import { racePeers } from "./peers.ts";
import { openTheirs } from "./theirs.ts";
import { scaled } from "./workload.ts";

export const makespan: Bench = {
  name: "makespan",
  measures: "time of whole plans over the limit no executor can beat, beside ReAct, parallel calls and a streamed JSON plan",
  async run(options, report) {
    const pace = paceOf(options.scale);
    const server = startChild(new URL(`model-server${import.meta.url.slice(-3)}`, import.meta.url), pace, serverSchema);
    try {
      const { url } = await server.message();
      await checkPace(url, pace, report);
      const contestants = await enter(url, options);
      const found = await compete(contestants, { url, pace, options, report });
      await contestants.ours.close();
      await contestants.theirs.close();
      return found;
    } finally {
      await server.end();
    }
  },
};

const serverSchema = z.object({ url: z.string() });

async function enter(url: string, options: Options): Promise<Contestants> {
  const { model, "model-url": outside, "model-wire": wire } = options;
  const ours = await openOurs({
    model: patientModelAt({ url: outside ?? url, wire, model }),
    fromOutside: outside !== undefined,
  });
  return { ours, theirs: openTheirs(url) };
}

interface Competition {
  readonly url: string;
  readonly pace: Pace;
  readonly options: Options;
  readonly report: Report;
}

/** First everything beside its baselines, then many runs of ours at once; `--concurrency` asks for the second only. */
async function compete(contestants: Contestants, { url, pace, options, report }: Competition) {
  const chosen = workloads.filter(({ name }) => name.includes(options.only ?? "")).map((one) => scaled(one, options.scale));
  if (chosen.length === 0)
    throw new Error(`There is no workload ${options.only}: ${workloads.map(({ name }) => name).join(", ")}.`);
  const plan = { workloads: chosen, styles, rounds: options.rounds ?? 3, staggerMs: 60 * options.scale };
  const [first] = chosen;
  if (first !== undefined) await warmUp(contestants, first, report);
  const alone: readonly Timing[] = options.concurrency === undefined ? await timeAll(contestants, plan, report) : [];
  if (alone.length > 0) showWorkloads(alone, pace, report);
  const peers = alone.length === 0 ? [] : await racePeers({ url, pace, workloads: chosen, options }, report);
  const crowd = {
    concurrency: options.concurrency ?? Math.max(8, Math.round(200 * options.scale)),
    pace,
    workloads: chosen.filter(isDag),
  };
  const together = crowd.workloads.length === 0 ? null : await observed(crowd);
  return figureOf({ alone, peers, together, pace });

  async function observed(all: Crowd): Promise<Crowded> {
    const { profile: file } = options;
    if (file === undefined) return sideBySide(contestants, all, report);
    const { value, hottest } = await profiled(file, () => sideBySide(contestants, all, report));
    showHottest(`Self time of the process with ${all.concurrency} runs at once; whole profile: ${file}`, hottest, report);
    return value;
  }
}
