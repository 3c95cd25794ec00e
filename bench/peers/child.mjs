// One framework in a process of its own: runs what it is told and says how long it took. Started by the bench with fork().
import { setTimeout as sleep } from "node:timers/promises";
import { measure } from "./measure.mjs";

const settings = JSON.parse(process.argv[2] ?? "null");
const framework = await import(`./frameworks/${settings.peer}.mjs`);
process.send(settings.task === "makespan" ? await makespan(settings) : await measure(framework, settings.load));
process.disconnect();

/** All runs side by side over the bench's model server; tools are timers, found by the id of their call. */
async function makespan({ url, runs, staggerMs, answer }) {
  const times = await Promise.all(
    runs.map(async ({ message, durations }, index) => {
      await sleep(index * staggerMs);
      const called = new Set();
      const agent = await framework.overHttp(url, async (id) => {
        await sleep(durations[id]);
        called.add(id);
        return `finding ${id}`;
      });
      const started = performance.now();
      const text = await agent(message);
      const ms = performance.now() - started;
      const expected = Object.keys(durations).length;
      if (!text.endsWith(answer) || called.size !== expected)
        throw new Error(`${called.size} of ${expected} calls, or another answer`);
      return ms;
    }),
  );
  return { times };
}
