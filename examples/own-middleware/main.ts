/** Something around every tool call and every model call: your own in three lines each, and two that come with the engine. */
import assert from "node:assert/strict";
import {
  type ToolMiddleware,
  type TurnMiddleware,
  budgetToolCalls,
  cacheToolResults,
  createOrquestra,
  defineTool,
} from "@orquestra/core";
import { z } from "zod";
import { plan, startStandIn } from "../shared/stand-in.ts";

const journal: string[] = [];
let looks = 0;

const audit: ToolMiddleware = async (call, next) => {
  journal.push(`${call.user.name}: ${call.tool.name}(${JSON.stringify(call.args)})`);
  return next();
};

const houseStyle: TurnMiddleware = ({ request }, next) =>
  next({ request: { ...request, system: `${request.system}\nAnswer in one sentence.` } });

const weather = defineTool({
  name: "weather",
  description: "The weather of a town.",
  input: z.object({ town: z.string() }),
  output: z.object({ sky: z.string() }),
  effects: ["read"],
  run: async () => ({ sky: ++looks > 1 ? "looked at twice" : "clear" }),
});

const { model, server } = await startStandIn([
  plan('1. weather("Ulm")'),
  plan('2. weather("Ulm")', '3. weather("Bonn")'),
  "It is clear in Ulm.",
]);
const orquestra = await createOrquestra({
  models: model,
  tools: [weather],
  middleware: {
    turns: [houseStyle],
    // The first is outermost: what the cache answers is in the journal, and is not counted.
    tools: [audit, cacheToolResults({ tools: ["weather"], ttlMs: 60_000 }), budgetToolCalls({ calls: 1, windowMs: 3_600_000 })],
  },
});

const run = await orquestra.run({ text: "How is the weather in Ulm?" });
console.log(await run.answer());
console.log(journal.join("\n"));

const outcomes: string[] = [];
for await (const frame of run) {
  if (frame.type === "todo-completed") outcomes.push(`${frame.data.todoId} ${JSON.stringify(frame.data.preview)}`);
  if (frame.type === "todo-failed") outcomes.push(`${frame.data.todoId} ${frame.data.error.code}`);
}
assert.deepEqual(outcomes.toSorted(), ['t1 {"sky":"clear"}', 't2 {"sky":"clear"}', "t3 budget_spent"]);
assert.deepEqual(journal.length, 3);
assert.ok(server.requests.every(({ body }) => JSON.stringify(body).includes("Answer in one sentence.")));

await orquestra.close();
await server.close();
