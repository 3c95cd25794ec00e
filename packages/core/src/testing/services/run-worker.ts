import { openRedisCluster } from "../../persistence/redis/index.ts";

/**
 * A process that takes part in the queue of a Redis and holds what it gets until it dies; says so on stdout. When its stdin ends
 * it closes what it opened, and ends if nothing else keeps it. `node run-worker.ts URL PREFIX`
 */
const [url = "", prefix = ""] = process.argv.slice(2);
const cluster = await openRedisCluster({ url, prefix });
const work = ({ runId }: { readonly runId: string }, signal: AbortSignal): Promise<void> => {
  console.log(runId);
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
};
cluster.queue.work(work, { concurrency: 1 });
console.log("ready");
for await (const _ of process.stdin);
// Kept for longer it says by what.
setTimeout(() => {
  console.log(`kept by ${process.getActiveResourcesInfo().join(", ")}`);
  process.exit(1);
}, 30_000).unref();
await cluster.close();
console.log("closed");
