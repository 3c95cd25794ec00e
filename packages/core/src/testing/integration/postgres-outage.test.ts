import { afterAll, expect, it } from "vitest";
import { openPostgresStore } from "../../persistence/postgres/index.ts";
import { deferred, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { startPostgresServer } from "../services/postgres.ts";
import { startCuttingProxy } from "../services/cutting-proxy.ts";
import { engines } from "./engines.fixture.ts";
import { changing, echo, plan } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

const server = await startPostgresServer();
if (server === null) console.warn("SKIPPED: a PostgreSQL that goes away. It was not found: install it.");
afterAll(() => server?.stop());

const { start } = engines();

const title = "a PostgreSQL server that goes away in the middle of a run, and comes back, costs the run nothing but time";

it.skipIf(server === null)(title, async () => {
  const store = await openPostgresStore({ url: server?.url ?? "" });
  const gate = deferred();
  const model = scriptedModel([{ text: ["One, ", gate.promise, `two.\n${plan('1. echo("a")')}`] }, { text: "Three." }]);
  const harness = await startEngine({ model, tools: [echo], store });
  const session = await harness.session();
  const runId = await session.say("count");
  await expect.poll(() => session.frames.some(({ type }) => type === "delta")).toBe(true);
  await server?.halt();
  gate.resolve();
  await expect(session.say("and on")).rejects.toMatchObject({
    code: "unavailable",
    message: "The database cannot be reached, so nothing was done. Try again in a moment.",
    retryable: true,
  });
  await server?.restart();
  expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
  expect(told(session)).toEqual(["t1 completed"]);
  expect(session.all("part-closed").map(({ data }) => [data.text, data.cut])).toEqual([
    ["One, two.\n", undefined],
    ["Three.", undefined],
  ]);
  const log = await store.events.read(session.id, 0, 1000);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  expect(session.events).toEqual(log);
  await harness.close();
  await store.close();
});

it.skipIf(server === null)("an answer that was written though nobody heard so is found, and its run goes on", async () => {
  const proxy = await startCuttingProxy(server?.url ?? "");
  const store = await openPostgresStore({ url: proxy.url });
  const ledger: string[] = [];
  const model = scriptedModel([{ text: plan('1. change("a")') }, { text: "Done." }]);
  const session = await (await start({ model, tools: [changing(ledger)], store })).session();
  const runId = await session.say("go");
  const { data } = await session.until("approval-requested");
  await session.until("run-waiting");
  proxy.loseCommit();
  await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
  expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
  expect(ledger).toEqual(["a"]);
  expect(session.all("approval-resolved")).toHaveLength(1);
  await proxy.close();
});
