import type { OrquestraEvent } from "@orquestra/protocol";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { type Store, StoreError } from "../../persistence/index.ts";
import { type EngineHarness, type HarnessOptions, deferred, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { type Outage, outage } from "./late-store.fixture.ts";
import { builtInTools } from "../../tools/index.ts";
import { changing, echo, plan, projectFolder } from "./scene.fixture.ts";
import { serve } from "./served-engine.fixture.ts";
import { told } from "./told.fixture.ts";

// What a person is told while the database is out of reach, and that work goes on by itself when it is back.

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(options: HarnessOptions): Promise<{ readonly harness: EngineHarness; readonly database: Outage }> {
  const database = outage(openInMemoryStore());
  const harness = await startEngine({ ...options, store: database.store });
  closers.push(() => harness.close());
  return { harness, database };
}

const away = {
  code: "unavailable",
  message: "The database cannot be reached, so nothing was done. Try again in a moment.",
  retryable: true,
};

describe("while the database is away", () => {
  it("every command says that nothing was done, and the same command works afterwards", async () => {
    const { harness, database } = await start({ model: scriptedModel([{ text: "Hello." }]) });
    const session = await harness.session();
    const send = () => harness.command("message-send", { text: "Hi" }, { sessionId: session.id, id: "the same" });
    database.down = true;
    await expect(send()).rejects.toMatchObject(away);
    await expect(harness.command("session-list", {})).rejects.toMatchObject(away);
    await expect(harness.command("session-create", {})).rejects.toMatchObject(away);
    database.down = false;
    await session.ended((await send()).runId);
    expect(session.all("message-received")).toHaveLength(1);
  });

  it("attaching says the same, so that the client tries again instead of believing the session gone", async () => {
    const { harness, database } = await start({ model: scriptedModel([]) });
    const session = await harness.session();
    const server = await serve(harness.engine);
    closers.push(() => server.close());
    const client = await server.connect();
    database.down = true;
    client.send({ id: "attach", type: "session-attach", sessionId: session.id, data: {} });
    expect(await client.reply("attach")).toMatchObject({ ok: false, error: away });
  });

  it("a run that could not be taken up is taken up when it is back", async () => {
    const { harness, database } = await start({ model: scriptedModel([{ text: "Hello." }]) });
    const session = await harness.session();
    database.downAfterNextCommit();
    const runId = await session.say("Hi");
    await database.refused();
    database.down = false;
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(told(session)).toEqual([]);
  });
});

describe("when the database goes away in the middle of a run", () => {
  it.each(["messages.get", "messages.list", "preferences.list", "toolUsage.list"])(
    "in place of %s, the run waits for it instead of failing",
    async (question) => {
      const { harness, database } = await start({ model: scriptedModel([{ text: "Hello." }]) });
      const session = await harness.session();
      database.downAt(question);
      const refused = database.refused();
      const runId = await session.say("Hi");
      await refused;
      database.down = false;
      expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
      expect(told(session)).toEqual([]);
    },
  );

  it("while what an earlier process left is read, that is settled when it is back", async () => {
    const database = outage(openInMemoryStore());
    const never = new Promise<void>(() => undefined);
    const first = await startEngine({ model: scriptedModel([{ text: ["Half a", never] }]), store: database.store });
    const before = await first.session();
    const runId = await before.say("Hi");
    await before.until("part-opened");
    await first.close();
    database.downAt("events.read");
    const refused = database.refused();
    const harness = await startEngine({ model: scriptedModel([{ text: "Whole." }]), store: database.store });
    closers.push(() => harness.close());
    await refused;
    database.down = false;
    const session = await harness.watch(before.id);
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(session.all("part-closed").map(({ data }) => [data.text, data.cut])).toEqual([
      ["Half a", true],
      ["Whole.", undefined],
    ]);
  });

  it("a todo that reads what was said waits for it, too", async () => {
    const gate = deferred();
    const { harness, database } = await start({
      model: scriptedModel([{ text: [gate.promise, plan('1. recall("m1")')] }, { text: "Done." }]),
      tools: builtInTools({ only: ["recall"] }),
    });
    const session = await harness.session();
    const runId = await session.say("Remember me.");
    await session.until("turn-started");
    database.downAt("messages.list");
    const refused = database.refused();
    gate.resolve();
    await refused;
    database.down = false;
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(told(session)).toEqual(["t1 completed"]);
  });

  it("a person who stops the run that waits for it need not wait", async () => {
    const asked = deferred();
    const refusal = new StoreError("unavailable", "Away.", { retryable: true });
    const store = openInMemoryStore();
    const toolUsage = { list: () => (asked.resolve(), Promise.reject(refusal)) };
    const harness = await startEngine({ model: scriptedModel([]), store: { ...store, toolUsage } });
    closers.push(() => harness.close());
    const session = await harness.session();
    const runId = await session.say("Hi");
    await asked.promise;
    await session.command("run-cancel", { runId });
    expect(await session.ended(runId)).toMatchObject({ type: "run-cancelled" });
  });

  it("text still comes, and events follow when it is back, in order and each once", async () => {
    const [gate, more] = [deferred(), deferred()];
    const { harness, database } = await start({
      model: scriptedModel([
        { text: ["One, ", gate.promise, "two, ", more.promise, `\n${plan('1. echo("a")')}`] },
        { text: "Three." },
      ]),
      tools: [echo],
    });
    const session = await harness.session();
    const runId = await session.say("count");
    await expect.poll(() => session.frames.some(({ type }) => type === "delta")).toBe(true);
    database.down = true;
    gate.resolve();
    await expect.poll(() => session.frames.filter(({ type }) => type === "delta").length).toBe(2);
    const refused = database.refused();
    more.resolve();
    await refused;
    database.down = false;
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(told(session)).toEqual(["t1 completed"]);
    expect(session.events.map(({ seq }) => seq)).toEqual(session.events.map((_, index) => index + 1));
  });

  it("no effect starts whose intent could not be written", async () => {
    const folder = projectFolder();
    closers.push(() => folder.remove());
    const ledger: string[] = [];
    const { harness, database } = await start({
      model: scriptedModel([{ text: plan('1. change("a")', '2. change("b")') }, { text: "Done." }]),
      tools: [changing(ledger, async () => void (database.down = ledger.length === 1))],
      workspaces: folder.workspaces,
      concurrency: 1,
    });
    const session = await harness.session();
    const runId = await session.say("go");
    const { data } = await session.until("approval-requested");
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    await database.refused();
    expect(ledger).toEqual(["a"]);
    database.down = false;
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["a", "b"]);
    expect(told(session)).toEqual(["t1 completed", "t2 completed"]);
  });
});

const answers = projectFolder();
afterAll(() => answers.remove());

describe("an answer of which the database does not say whether it has it", () => {
  it.each(["has it", "has it not"])("is told as such, and counts once it says that it %s", async (what) => {
    const inner = openInMemoryStore();
    const back = deferred();
    let lost: readonly OrquestraEvent[] | null = null;
    let losing = false;
    const unheard = new StoreError("unavailable", "connection terminated", { retryable: true });
    const store: Store = {
      ...inner,
      commit: async (batch) => {
        if (!losing || batch.command === undefined) return inner.commit(batch);
        losing = false;
        if (what === "has it") lost = await inner.commit(batch);
        throw unheard;
      },
      settle: () => back.promise.then(() => lost),
    };
    const ledger: string[] = [];
    const model = scriptedModel([{ text: plan('1. change("a")') }, { text: "Done." }]);
    const harness = await startEngine({ model, tools: [changing(ledger)], store, workspaces: answers.workspaces });
    closers.push(() => harness.close());
    const session = await harness.session();
    const runId = await session.say("go");
    const { data } = await session.until("approval-requested");
    await session.until("run-waiting");
    losing = true;
    const answer = { approvalId: data.approvalId, decision: "allow_once" } as const;
    await expect(session.command("approval-respond", answer)).rejects.toMatchObject({
      code: "unavailable",
      message:
        "The database cannot be reached. Whether this was done shows when it is back; sending it again does nothing twice.",
    });
    back.resolve();
    if (what === "has it not") await session.command("approval-respond", answer);
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["a"]);
    expect(session.all("approval-resolved")).toHaveLength(1);
  });
});
