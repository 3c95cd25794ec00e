// The overhead workload, counted as bench/src/overhead/measure.ts counts ours.
import { answer, cities } from "./workload.mjs";

export async function measure(framework, { concurrency, runs, firstRuns }) {
  const agent = await framework.instant();
  await drive(agent, 1, 1);
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let highest = before;
  const look = () => (highest = Math.max(highest, process.memoryUsage.rss()));
  const timer = setInterval(look, 20);
  await drive(agent, firstRuns, concurrency);
  clearInterval(timer);
  look();
  const cpu = process.cpuUsage();
  const started = performance.now();
  const results = await drive(agent, runs, concurrency);
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  const times = results.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return {
    cpuMs: (user + system) / 1000 / runs,
    runsPerSecond: runs / (wallMs / 1000),
    p50: times[Math.floor(times.length / 2)],
    p99: times[Math.min(times.length - 1, Math.floor(0.99 * times.length))],
    rssGrowthMiB: (highest - before) / 2 ** 20,
    lost: results.filter(({ tools, text }) => tools !== cities.length || text !== answer).length,
  };
}

async function drive(agent, runs, concurrency) {
  const results = [];
  let left = runs;
  const lane = async () => {
    while (left-- > 0) {
      const started = performance.now();
      const outcome = await agent();
      results.push({ ...outcome, ms: performance.now() - started });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return results;
}
