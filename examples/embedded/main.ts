/**
 * An assistant inside a product that exists: its own server, its own sign-in, its own tools. Two customers, each with tokens
 * that reach their own session; a tool that sees only what is its caller's; no files, no shell, no approvals by a page.
 */
import assert from "node:assert/strict";
import { defineTool } from "@orquestra/core";
import type { OrquestraEvent } from "@orquestra/protocol";
import { z } from "zod";
import { plan, startStandIn } from "../shared/stand-in.ts";
import { addAssistant } from "./assistant.ts";
import { knock, openPage, post, sight } from "./page.ts";
import { type Customer, createShop } from "./shop.ts";

const customers: readonly Customer[] = [
  { id: "c1", name: "Ada", orders: ["tea", "a kettle"] },
  { id: "c2", name: "Bob", orders: ["a drum kit"] },
];

/** Takes no customer as an argument: whose orders they are is not for a model to say. */
const myOrders = defineTool({
  name: "my_orders",
  description: "What the customer has ordered.",
  input: z.object({}),
  output: z.object({ orders: z.array(z.string()) }),
  effects: ["read"],
  integrity: "system",
  run: async (_args, { user }) => ({ orders: [...(customers.find(({ id }) => id === user.id)?.orders ?? [])] }),
});

const { model, server } = await startStandIn([
  plan("1. my_orders()", '2. shell("cat /etc/passwd")'),
  "There is no shell here.",
  "You have ordered tea and a kettle.",
  plan("1. my_orders()"),
  "You have ordered a drum kit.",
]);
const origin = "https://shop.example";
const shop = createShop(customers);
await addAssistant(shop, { model, tools: [myOrders], page: origin });
const url = await shop.app.listen({ host: "127.0.0.1", port: 0 });

const ada = await openPage({ url, name: "Ada", origin });
const bob = await openPage({ url, name: "Bob", origin });

const adas = await ada.say("What have I ordered?");
const invalid = adas.find(({ type }) => type === "todo-invalid");
assert.ok(invalid?.type === "todo-invalid" && invalid.data.line.includes("shell"), "a tool that nobody added is no todo");
assert.deepEqual(resultsIn(adas), [{ orders: ["tea", "a kettle"] }]);
console.log("Ada:", answerIn(adas));

const bobs = await bob.say("What have I ordered?");
assert.deepEqual(resultsIn(bobs), [{ orders: ["a drum kit"] }]);
console.log("Bob:", answerIn(bobs));

const forbidden = { name: "ClientError", code: "forbidden" };
const sessionId = ada.sessionId;
await assert.rejects(bob.client.command("message-list", {}, { sessionId }), forbidden);
assert.equal(await sight(bob.client, sessionId), "missing");
await assert.rejects(bob.client.command("message-send", { text: "Hello?" }, { sessionId }), forbidden);
await assert.rejects(bob.client.command("session-list", {}), forbidden);
const answer = { approvalId: "any", decision: "allow_once" } as const;
await assert.rejects(bob.client.command("approval-respond", answer, { sessionId: bob.sessionId }), forbidden);
console.log("Bob's page reaches Bob's session, and nothing else.");

assert.equal((await post(`${url}/assistant/token`, "{}")).status, 401);
assert.equal(await knock(url, "https://elsewhere.example"), 403);
console.log("Nobody without a sign-in gets a token, and no other page gets a socket.");

for (const { client } of [ada, bob]) client.close();
await shop.app.close();
await server.close();

function resultsIn(events: readonly OrquestraEvent[]): readonly unknown[] {
  return events.flatMap((event) => (event.type === "todo-completed" ? [event.data.preview] : []));
}

function answerIn(events: readonly OrquestraEvent[]): string {
  return events.flatMap((event) => (event.type === "message-completed" ? [event.data.text] : [])).at(-1) ?? "";
}
