import { Agent } from "node:http";
import type { Report } from "../bench.ts";
import { type Pace, writtenAt } from "../lib/pace.ts";
import { postSse } from "../lib/post-sse.ts";
import { codingWorkloads } from "./coding-workloads.ts";
import { marker } from "./script.ts";
import { answer } from "./workload.ts";

/** The model server must keep its pace, or every ratio is about it: told by a reader that does nothing else. */
export async function checkPace(url: string, pace: Pace, report: Report): Promise<void> {
  const workload = codingWorkloads.find(({ name }) => name.startsWith("coding"));
  if (workload === undefined) return;
  const agent = new Agent({ keepAlive: true });
  const read = async (): Promise<readonly number[]> => {
    const content = marker(workload, "calls per turn", "pace");
    const body = { model: "scripted", stream: true, messages: [{ role: "user", content }] };
    const times: number[] = [];
    const started = performance.now();
    await postSse({ url: `${url}/chat/completions`, body, agent }, () => times.push(performance.now() - started));
    return times;
  };
  let times: readonly number[] = [];
  for (let turn = 0; turn < 4; turn += 1) times = await read();
  agent.destroy();
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const ideal = writtenAt(pace, answer.length);
  report.line(
    `The model server's pace: first token after ${first.toFixed(1)} ms (should be ${pace.firstTokenMs.toFixed(1)}), ` +
      `the last of ${answer.length / 4} after ${last.toFixed(1)} ms (${ideal.toFixed(1)})`,
  );
  report.raw({ bench: "makespan", type: "pace", first, last, ideal });
}
