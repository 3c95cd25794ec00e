import type { LanguageModel } from "@orquestra/core";
import type { Todo as PlannedTodo } from "@orquestra/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { oneCallATurn, turnsOfCalls } from "./native-calls.ts";
import { type OurRun, openOurs } from "./ours.ts";
import { numbersOf, planJson, planLines } from "./plan-text.ts";
import type { Running } from "./running.ts";
import { workloads } from "./script.ts";
import { type Todo, answer, dependenciesOf, longestChainFirst, scaled } from "./workload.ts";

const orders = { "as written": (todos: readonly Todo[]) => todos, "longest chain first": longestChainFirst };
let text = "";

/** Writes the plan at once, then answers. */
const model: LanguageModel = {
  id: "bench/plans",
  provider: "bench",
  capabilities: { contextWindow: 128_000, maxOutputTokens: 16_000, tools: true, images: false },
  async *stream({ messages }) {
    const plans = messages.every(({ role }) => role !== "assistant");
    yield [
      { type: "text", text: plans ? text : answer },
      { type: "end", reason: "stop" },
    ];
  },
};

let ours: Running<OurRun>;
beforeAll(async () => {
  ours = await openOurs({ model, fromOutside: false });
});
afterAll(() => ours.close());

describe.each(Object.entries(orders))("the plan text %s", (_, ordered) => {
  it.each(workloads)("of $name is the graph it claims, to the engine that runs it", async (workload) => {
    const todos = ordered(scaled(workload, 0.001).todos);
    ({ text } = planLines(todos));
    const added: PlannedTodo[] = [];
    const onFrame: OurRun["onFrame"] = (frame) => {
      if (frame.type === "todo-added" && frame.data.todo.parent === undefined) added.push(frame.data.todo);
    };
    await ours.run({ todos, message: workload.name, onFrame });
    const numbers = numbersOf(todos);
    const claimed = todos.map((todo) => ({
      tool: todo.tool,
      dependsOn: dependenciesOf(todo).map((id) => `t${numbers.get(id)}`),
    }));
    expect(added.map(({ tool, dependsOn }) => ({ tool, dependsOn }))).toEqual(claimed);
  });
});

describe("other ways to write the same work", () => {
  const names = (calls: readonly { readonly id: string }[]) => calls.map(({ id }) => id);

  it("JSON lines name the same dependencies", () => {
    const [, movie] = workloads;
    const pairs = workloads.find(({ name }) => name === "parallelqa-like 2+1+1")?.todos ?? [];
    const lines = planJson(pairs).text.split("\n").slice(1, -1);
    const needs = lines.map((line) => z.object({ deps: z.array(z.number()) }).parse(JSON.parse(line)).deps);
    expect(needs).toEqual([[], [], [1, 2], [3]]);
    expect(planJson(movie?.todos ?? []).text.length).toBeGreaterThan(planLines(movie?.todos ?? []).text.length);
  });

  it("calls per turn are the layers of the graph, and one call a turn is all of them one by one", () => {
    const fanOut = workloads.find(({ name }) => name === "coding: find and read")?.todos ?? [];
    expect(turnsOfCalls(fanOut).map(names)).toEqual([["a"], ["b.1", "b.2", "b.3", "b.4", "b.5", "b.6"], ["c"]]);
    expect(oneCallATurn(fanOut)).toHaveLength(8);
  });
});
