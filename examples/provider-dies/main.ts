/** A provider dies in the middle of a plan; another, which speaks another protocol, goes on from what has run. */
import assert from "node:assert/strict";
import { createAnthropicModel, createModelCatalog, createOpenAiModel, createOrquestra, defineTool } from "@orquestra/core";
import { startWireServer } from "@orquestra/core/testing";
import type { OrquestraEvent } from "@orquestra/protocol";
import { z } from "zod";
import { plan } from "../shared/stand-in.ts";
import { lineOf } from "./timeline.ts";

const readings: { readonly [meter: string]: number } = { north: 410, south: 385 };
/** Everything that was really done, in order. */
const done: string[] = [];

const readMeter = defineTool({
  name: "read_meter",
  description: "What a meter shows.",
  input: z.object({ meter: z.string() }),
  output: z.object({ kwh: z.number() }),
  effects: ["read"],
  integrity: "system",
  run: async ({ meter }) => {
    done.push(`read ${meter}`);
    return { kwh: readings[meter] ?? 0 };
  },
});

const sendBill = defineTool({
  name: "send_bill",
  description: "Sends the bill.",
  input: z.object({ text: z.string() }),
  output: z.object({ sent: z.boolean() }),
  effects: ["egress"],
  run: async ({ text }) => {
    done.push(`send ${text}`);
    return { sent: true };
  },
});

const lines = ['1. read_meter("north")', '2. read_meter("south")', '3. send_bill("north {{$1.kwh}}, south {{$2.kwh}}")'];
// Of three lines A sends one and a half and falls silent. B sees what has run, leaves it out, and uses its result.
const half = plan(...lines).split("uth")[0] ?? "";
const a = await startWireServer({ replies: [{ text: half, hangAfterTokens: half.length, firstTokenDelayMs: 150 }] });
const pace = { firstTokenDelayMs: 150, tokensPerSecond: 60 };
const b = await startWireServer({
  replies: [
    { text: plan(...lines.slice(1)), ...pace },
    { text: "The bill is sent.", ...pace },
  ],
});

// A speaks Chat Completions and B Messages, as OpenAI's and Anthropic's servers do.
const apiKey = "made-up-key";
const models = createModelCatalog({
  defaultModel: "a,b",
  providers: [
    {
      provider: "a",
      models: ["first"],
      available: true,
      create: (model) => createOpenAiModel({ provider: "a", model, apiKey, baseUrl: a.url, api: "chat" }),
    },
    {
      provider: "b",
      models: ["second"],
      available: true,
      create: (model) => createAnthropicModel({ provider: "b", model, apiKey, baseUrl: b.anthropicUrl }),
    },
  ],
});
const orquestra = await createOrquestra({ models, tools: [readMeter, sendBill], defaultPlanFormat: "lines" });
const run = await orquestra.run({
  text: "Read both meters and send the bill.",
  approve: () => "allow_once",
  signal: AbortSignal.timeout(30_000),
});

const events: OrquestraEvent[] = [];
for await (const frame of run) {
  if (!("seq" in frame)) continue;
  events.push(frame);
  console.log(lineOf(frame, Date.parse(events[0]?.at ?? frame.at)));
  // The first result is there: A dies, with every connection it has.
  if (frame.type === "todo-completed" && frame.data.todoId === "t1") await a.close();
}

const told = events.map((event) =>
  lineOf(event, 0)
    .replace(/^ *\d+ +\S+ ms +/, "")
    .replaceAll(/ +/g, " "),
);
const inOrder = [
  'todo-completed t1 {"kwh":410}',
  "notice The connection to a broke in the middle of an answer. b/second goes on.",
  'todo-invalid t2 2. read_meter("so',
  'todo-added t3 read_meter {"meter":"south"}',
  'todo-completed t3 {"kwh":385}',
  'approval-requested t4 run send_bill(text: "north 410, south 385")',
  'todo-completed t4 {"sent":true}',
  "message-completed The bill is sent.",
  "run-completed end_turn",
];
assert.deepEqual(
  told.filter((line) => inOrder.includes(line)),
  inOrder,
);
assert.deepEqual(done, ["read north", "read south", "send north 410, south 385"]);
assert.deepEqual(
  [...a.requests, ...b.requests].map(({ format }) => format),
  ["chat", "messages", "messages"],
);
assert.match(JSON.stringify(b.requests[0]?.body), /<result id=\\"t1\\".*410/, "B is told what ran under A");
assert.equal(await run.answer(), "The bill is sent.");
for (const [index, { seq }] of events.entries()) assert.equal(seq, (events[0]?.seq ?? 0) + index);

await orquestra.close();
await b.close();
