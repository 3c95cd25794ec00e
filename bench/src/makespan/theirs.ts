import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { loopOfCalls } from "../baselines/loop-of-calls.ts";
import { streamedJsonPlan } from "../baselines/streamed-json-plan.ts";
import { durationsOf } from "./native-calls.ts";
import type { Running } from "./running.ts";
import { type Todo, answer } from "./workload.ts";

export interface TheirRun {
  readonly todos: readonly Todo[];
  readonly message: string;
  readonly by: "calls" | "json";
}

/** The baselines: small honest programs over the same model server, whose tools take the same time. */
export function openTheirs(url: string): Running<TheirRun> {
  const agent = new Agent({ keepAlive: true });
  const server = { url, model: "scripted", agent };
  return {
    run: async ({ todos, message, by }) => {
      const called = new Set<string>();
      const work = async (id: string, ms: number): Promise<string> => {
        await sleep(ms);
        called.add(id);
        return `finding ${id}`;
      };
      const durations = durationsOf(todos);
      const started = performance.now();
      const text =
        by === "calls"
          ? await loopOfCalls(server, message, ({ id }) => work(id, durations.get(id) ?? Number.NaN))
          : await streamedJsonPlan(server, message, ({ id }) => work(String(id), todos[id - 1]?.ms ?? Number.NaN));
      const ended = performance.now();
      const expected = by === "calls" ? durations.size : todos.length;
      if (text !== answer || called.size !== expected) throw new Error(`A baseline did ${called.size} of ${expected} calls.`);
      return ended - started;
    },
    close: () => {
      agent.destroy();
      return Promise.resolve();
    },
  };
}
