import type { Report } from "../bench.ts";
import { askPeer, peersFor } from "../lib/peers.ts";
import type { Options } from "../options.ts";
import { type Measured, measuredSchema } from "./measure.ts";

/** The time a peer has for one level. */
const patienceMs = 240_000;
/** A third of ours: a run of theirs is ten times as long, and the compiler has as much to do with. */
const warmRuns = 1000;

const failed: Measured = {
  cpuMs: Number.NaN,
  runsPerSecond: Number.NaN,
  p50: Number.NaN,
  p99: Number.NaN,
  rssGrowthMiB: Number.NaN,
  lost: Number.NaN,
};

/** The other frameworks under the same loads, with fewer runs as they take longer, once each. */
export async function measurePeers(levels: readonly number[], options: Options, report: Report) {
  const rows: { readonly peer: string; readonly concurrency: number; readonly measured: Measured }[] = [];
  for (const concurrency of levels) {
    for (const peer of peersFor(options, report)) {
      const runs = (count: number): number => Math.max(1, Math.round(Math.max(count, concurrency) * options.scale));
      const load = { concurrency, runs: runs(200), firstRuns: runs(warmRuns) };
      const answer = await askPeer({ peer, task: "overhead", load, ms: patienceMs }, measuredSchema);
      if (answer.status === "failed") report.line(`${peer} at ${concurrency} at once failed: ${answer.why}`);
      const measured = answer.status === "done" ? answer.value : failed;
      report.raw({ bench: "overhead", peer, concurrency, ...measured });
      rows.push({ peer, concurrency, measured });
    }
  }
  return rows;
}
