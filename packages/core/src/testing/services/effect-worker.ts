import { once } from "node:events";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { z } from "zod";
import { openPostgresStore } from "../../persistence/postgres/index.ts";
import { defineTool } from "../../tools/index.ts";
import { startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { at } from "../store-conformance/scene.ts";

/**
 * An engine in a process of its own with a run of two effects, the second behind the first. It says its session, and of each effect,
 * as it starts, what a connection of its own then reads in the log. The model, and each effect, goes on with the next line of stdin;
 * with its end the engine is closed. `node effect-worker.ts URL`
 */
const [url = ""] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const witness = new Client({ connectionString: url });
await witness.connect();
const store = await openPostgresStore({ url });

const act = defineTool({
  name: "act",
  description: "Acts.",
  effects: ["write"],
  input: z.object({ what: z.string() }),
  output: z.object({ key: z.string() }),
  run: async ({ what }, { sessionId, todoId, idempotencyKey }) => {
    const text = "select body->>'type' as type, body->'data'->>'todoId' as todo from events where session_id = $1 order by seq";
    const { rows } = await witness.query<{ readonly type: string; readonly todo: string | null }>(text, [sessionId]);
    const ofTodos = rows.filter(({ type }) => type === "todo-started" || type === "todo-completed");
    console.log(`${todoId} acts ${what}: ${ofTodos.map(({ type, todo }) => `${type} ${todo}`).join(", ")}`);
    await lines.next();
    return { key: idempotencyKey };
  },
});

const rule = { userId: "ada", workspace: null, tool: "act", match: {}, decision: "allow", text: "It may act." } as const;
await store.commit({
  sessionId: null,
  events: [],
  changes: [{ put: "rules", record: { ...rule, id: "act", createdAt: at } }],
  at,
});
const plan = ["```plan", '1. act("first")', '2. act("second") after 1', "```"].join("\n");
const model = scriptedModel([{ text: [lines.next(), plan] }, { text: "Done." }]);
const harness = await startEngine({ store, model, tools: [act], timing: { leaseMs: 60_000 } });
const session = await harness.session();
await session.say("act");
await session.until("turn-started");
console.log(`session ${session.id}`);
await once(process.stdin, "end");
await harness.close();
await store.close();
await witness.end();
console.log("closed");
