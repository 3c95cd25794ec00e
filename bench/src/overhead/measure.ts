import { z } from "zod";
import { median, percentile } from "../lib/statistics.ts";
import type { Outcome, Peer } from "./peer.ts";
import { answer, cities } from "./workload.ts";

export const measuredSchema = z.object({
  cpuMs: z.number(),
  runsPerSecond: z.number(),
  p50: z.number(),
  p99: z.number(),
  rssGrowthMiB: z.number(),
  /** Runs that lost a tool call or a character. */
  lost: z.number(),
});
export type Measured = z.infer<typeof measuredSchema>;

export interface Load {
  readonly concurrency: number;
  /** The first runs of the process: they tell what memory it takes, and are the first half of the warm-up. */
  readonly firstRuns: number;
  readonly warmRuns: number;
  readonly runs: number;
}

type Observe = (work: () => Promise<void>) => Promise<void>;

/** Warms up by count, then runs the load. Memory is what the first runs of a fresh process take, which is the stricter way. */
export async function measure(peer: Peer, load: Load, observe: Observe = (work) => work()): Promise<Measured> {
  const { concurrency, runs, firstRuns, warmRuns } = load;
  await drive(peer, { concurrency: 1, runs: 1 });
  const rssGrowthMiB = await rssGrowthOf(() => drive(peer, { concurrency, runs: firstRuns }));
  await drive(peer, { concurrency: Math.min(concurrency, 50), runs: warmRuns });
  const sessions = await Promise.all(Array.from({ length: runs }, () => peer.open()));
  const results: Result[] = [];
  const cpu = process.cpuUsage();
  const started = performance.now();
  await observe(async () => {
    results.push(...(await driveAll(sessions, concurrency)));
  });
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  const times = results.map(({ milliseconds }) => milliseconds);
  return {
    cpuMs: (user + system) / 1000 / runs,
    runsPerSecond: runs / (wallMs / 1000),
    p50: median(times),
    p99: percentile(times, 0.99),
    rssGrowthMiB,
    lost: results.filter(({ outcome }) => outcome.tools !== cities.length || outcome.text !== answer).length,
  };
}

interface Result {
  readonly milliseconds: number;
  readonly outcome: Outcome;
}
type Session = Awaited<ReturnType<Peer["open"]>>;

async function drive(peer: Peer, { runs, concurrency }: { readonly runs: number; readonly concurrency: number }): Promise<void> {
  await driveAll(await Promise.all(Array.from({ length: runs }, () => peer.open())), concurrency);
}

/** So many at once: a lane takes the next session when its run is over. */
async function driveAll(sessions: readonly Session[], concurrency: number): Promise<readonly Result[]> {
  const results: Result[] = [];
  const rest = sessions.values();
  const lane = async (): Promise<void> => {
    for (const session of rest) {
      const started = performance.now();
      const outcome = await session.run();
      results.push({ milliseconds: performance.now() - started, outcome });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return results;
}

/** By how much the resident memory was higher while the work went on than before it. */
async function rssGrowthOf(work: () => Promise<void>): Promise<number> {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let highest = before;
  const look = (): void => {
    highest = Math.max(highest, process.memoryUsage.rss());
  };
  const timer = setInterval(look, 20);
  await work();
  clearInterval(timer);
  look();
  return (highest - before) / 2 ** 20;
}
