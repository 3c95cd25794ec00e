import { z } from "zod";
import type { Report } from "../bench.ts";
import type { Pace } from "../lib/pace.ts";
import { type PeerName, askPeer, peersFor } from "../lib/peers.ts";
import { geometricMean, median } from "../lib/statistics.ts";
import type { Options } from "../options.ts";
import { isDag } from "./dag-workloads.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { durationsOf } from "./native-calls.ts";
import { marker } from "./script.ts";
import { type Workload, answer } from "./workload.ts";

export interface PeerTimes {
  readonly peer: PeerName;
  /** Over the limit of any plan, by workload; empty where it failed. */
  readonly ratios: ReadonlyMap<Workload, number>;
}

export interface PeerRace {
  readonly url: string;
  readonly pace: Pace;
  readonly workloads: readonly Workload[];
  readonly options: Options;
}

/** The other frameworks as loops of tool calls, all calls of a turn side by side, over the same model server, all at once. */
export async function racePeers(race: PeerRace, report: Report): Promise<readonly PeerTimes[]> {
  const names = peersFor(race.options, report);
  const found = await Promise.all(names.map(async (peer) => ({ peer, ratios: await raceOne(peer, race, report) })));
  if (found.length > 0) show(found, race, report);
  return found;
}

async function raceOne(peer: PeerName, race: PeerRace, report: Report): Promise<ReadonlyMap<Workload, number>> {
  const { url, pace, workloads, options } = race;
  const times = workloads.map((): number[] => []);
  for (let round = 0; round < (options.rounds ?? 2); round += 1) {
    const runs = workloads.map((workload, index) => ({
      message: marker(workload, "calls per turn", `${peer}.${round}.${index}`),
      durations: Object.fromEntries(durationsOf(workload.todos)),
    }));
    const settings = { peer, task: "makespan", url, runs, answer, staggerMs: 60 * options.scale, ms: 120_000 };
    const said = await askPeer(settings, z.object({ times: z.array(z.number()) }));
    if (said.status === "failed") {
      report.line(`${peer} failed: ${said.why}`);
      return new Map();
    }
    for (const [index, ms] of said.value.times.entries()) {
      times[index]?.push(ms);
      report.raw({ bench: "makespan", type: "run", peer, workload: workloads[index]?.name ?? "", round, ms });
    }
  }
  const limit = (workload: Workload): Limits["anyPlan"] => limitsOf(workload.todos, pace).anyPlan;
  return new Map(workloads.map((workload, index) => [workload, median(times[index] ?? []) / limit(workload)]));
}

function show(found: readonly PeerTimes[], { workloads }: PeerRace, report: Report): void {
  const rows = workloads.map((workload) => [workload.name, ...found.map(({ ratios }) => ratios.get(workload) ?? null)]);
  const means = found.map(({ ratios }) => meanOf(ratios));
  report.table({
    title: "Other frameworks over the same limit L0, as loops that run all calls of a turn side by side",
    columns: ["workload", ...found.map(({ peer }) => peer)],
    rows: [...rows, ["geometric mean of the DAGs", ...means]],
  });
}

export function meanOf(ratios: ReadonlyMap<Workload, number>): number {
  return geometricMean([...ratios].filter(([workload]) => isDag(workload)).map(([, ratio]) => ratio));
}
