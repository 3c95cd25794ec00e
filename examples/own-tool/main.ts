/** A tool of your own: what it takes to write one, and what happens when a model calls it. */
import assert from "node:assert/strict";
import { ToolError, createOrquestra, defineTool } from "@orquestra/core";
import { z } from "zod";
import { plan, startStandIn } from "../shared/stand-in.ts";

const prices: { readonly [article: string]: number } = { tea: 3.2, coffee: 2.8 };
const ordered: string[] = [];

/** It only reads, so it runs unasked, and at once: while the model still writes the rest of its plan. */
const priceOf = defineTool({
  name: "price_of",
  description: "The price of an article in euros.",
  input: z.object({ article: z.string() }),
  output: z.object({ euros: z.number() }),
  effects: ["read"],
  run: async ({ article }) => {
    const euros = prices[article];
    if (euros === undefined) throw new ToolError("no_such_article", `We do not sell ${article}.`);
    return { euros };
  },
});

/** It changes something, so a person is asked before it runs. */
const order = defineTool({
  name: "order",
  description: "Orders an article.",
  input: z.object({ article: z.string() }),
  output: z.object({ number: z.number() }),
  effects: ["write"],
  run: async ({ article }, { user }) => ({ number: ordered.push(`${article} for ${user.name}`) }),
});

const { model, server } = await startStandIn([
  plan('1. price_of("tea")', '2. price_of("gin")', '3. order("tea")'),
  "Tea is 3.20 €, and I have ordered one. Gin is not sold here.",
]);
const orquestra = await createOrquestra({ models: model, tools: [priceOf, order] });

const run = await orquestra.run({
  text: "What are tea and gin? Order me the tea.",
  user: { id: "ada", tenant: "shop", name: "Ada", metadata: {} },
  approve: ({ todos }) => (todos.every(({ effects }) => !effects.includes("destructive")) ? "allow_once" : "reject_once"),
});

const told: string[] = [];
for await (const frame of run) {
  if (frame.type === "todo-completed") told.push(`${frame.data.todoId} ${JSON.stringify(frame.data.preview)}`);
  if (frame.type === "todo-failed") told.push(`${frame.data.todoId} ${frame.data.error.message}`);
  if (frame.type === "approval-requested") told.push(`asks about ${frame.data.todos.map(({ todoId }) => todoId).join(", ")}`);
}
console.log(told.join("\n"));
console.log(await run.answer());

assert.deepEqual(told.toSorted(), ["asks about t3", 't1 {"euros":3.2}', "t2 We do not sell gin.", 't3 {"number":1}']);
assert.deepEqual(ordered, ["tea for Ada"]);
const shown = JSON.stringify(server.requests[0]?.body);
assert.ok(shown.includes("price_of(article) → {euros}"), "the model is shown the signature");

await orquestra.close();
await server.close();
