import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { deferred, startEngine } from "../testing/engine-harness.ts";
import { page } from "../testing/integration/scene.fixture.ts";
import { storeKinds } from "../testing/integration/store-kinds.fixture.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { type AnyTool, defineTool } from "../tools/index.ts";

const stores = await storeKinds();
afterAll(() => stores.stop());

const base = { critical: [], integrity: "system", undoable: false, timeoutMs: 5000 } as const;

/** A tool that tells the ledger and then, while the engine is up for the first time, never ends by itself. */
function stuck(effects: readonly ("read" | "write")[], ledger: string[], ends: () => boolean): AnyTool {
  return defineTool({
    ...base,
    name: "stuck",
    description: "Waits.",
    input: z.object({ what: z.string() }),
    output: z.object({ what: z.string() }),
    effects,
    idempotent: false,
    run: ({ what }, call) => {
      ledger.push(what);
      if (ends()) return Promise.resolve({ what });
      return new Promise((_, reject) => call.signal.addEventListener("abort", () => reject(new Error("stopped"))));
    },
  });
}

const plan = (...lines: string[]): string => ["```plan", ...lines, "```"].join("\n");

describe.each(stores.kinds)("after a restart on a store that is $name", ({ open }) => {
  it("an approval is still open, and its answer lets the run go on", async () => {
    const store = await open();
    const ledger: string[] = [];
    const tools = [stuck(["write"], ledger, () => true)];
    const first = await startEngine({ store, tools, model: scriptedModel([{ text: plan('1. stuck("a")') }]) });
    const before = await first.session();
    const runId = await before.say("go");
    const card = await before.until("approval-requested");
    await before.until("run-waiting");
    await first.close();
    await store.close();

    const model = scriptedModel([{ text: "Done." }]);
    const again = await open();
    const second = await startEngine({ store: again, tools, model });
    const after = await second.watch(before.id);
    await after.command("approval-respond", { approvalId: card.data.approvalId, decision: "allow_once" });
    expect(await after.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["a"]);
    expect(after.events.map(({ seq }) => seq)).toEqual(after.events.map((_, index) => index + 1));
    model.assertComplete();
    await second.close();
    await again.close();
  });

  it.each<[decision: "allow_once" | "reject_once", ledger: readonly string[], told: readonly string[]]>([
    ["allow_once", ["a", "text of x"], ["page completed", "stuck completed", "stuck completed"]],
    ["reject_once", [], ["page completed", "stuck skipped", "stuck skipped"]],
  ])("an answer (%s) that the dead process did not live to hear still holds", async (decision, done, ended) => {
    const store = await open();
    const ledger: string[] = [];
    const tools = [stuck(["write"], ledger, () => true), page];
    const model = scriptedModel([{ text: plan('1. page("x")', '2. stuck("a")', "3. stuck($1.text)") }]);
    const first = await startEngine({ store, tools, model });
    const before = await first.session();
    const runId = await before.say("go");
    const card = await before.until("approval-requested");
    await before.until("run-waiting");
    await first.close();
    const [approval] = await store.approvals.list(runId);
    if (approval === undefined) throw new Error("no card");
    const answer = { approvalId: card.data.approvalId, decision, by: "ada" };
    const record = { ...approval, answer, answeredAt: new Date().toISOString() };
    const events = [{ type: "approval-resolved", runId, data: { ...answer, kind: "effects" } } as const];
    await store.commit({ sessionId: before.id, events, changes: [{ put: "approvals", record }], at: record.answeredAt });
    await store.close();

    const again = await open();
    const second = await startEngine({ store: again, tools, model: scriptedModel([{ text: "Done." }]) });
    const after = await second.watch(before.id);
    expect(await after.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger.toSorted()).toEqual(done);
    expect((await again.todos.list(runId)).map(({ tool, status }) => `${tool} ${status}`)).toEqual(ended);
    expect(after.all("approval-requested")).toHaveLength(1);
    await second.close();
    await again.close();
  });

  it("the model still hears what a person said to the run", async () => {
    const store = await open();
    const tools = [stuck(["read"], [], () => false)];
    const first = await startEngine({ store, tools, model: scriptedModel([{ text: plan('1. stuck("a")') }]) });
    const before = await first.session();
    const runId = await before.say("go");
    await before.until("turn-completed");
    await before.command("run-steer", { runId, text: "Rather in Portuguese." });
    await before.until("run-steered");
    await first.close();
    await store.close();

    const again = await open();
    const model = scriptedModel([{ text: "Feito." }]);
    const second = await startEngine({ store: again, tools: [stuck(["read"], [], () => true)], model });
    await (await second.watch(before.id)).ended(runId);
    expect(JSON.stringify(model.requests[0]?.messages)).toContain("Rather in Portuguese.");
    await second.close();
    await again.close();
  });

  it("a read that was interrupted runs again by itself", async () => {
    const store = await open();
    const ledger: string[] = [];
    let ends = false;
    const tools = [stuck(["read"], ledger, () => ends)];
    const first = await startEngine({ store, tools, model: scriptedModel([{ text: plan('1. stuck("a")') }]) });
    const before = await first.session();
    const runId = await before.say("go");
    await before.until("turn-completed");
    await first.close();
    await store.close();

    ends = true;
    const again = await open();
    const second = await startEngine({ store: again, tools, model: scriptedModel([{ text: "Done." }]) });
    const after = await second.watch(before.id);
    expect(await after.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["a", "a"]);
    await second.close();
    await again.close();
  });

  it("an effect that was interrupted is unknown, asks, and is not repeated by itself", async () => {
    const store = await open();
    const ledger: string[] = [];
    const began = deferred();
    const tools = [stuck(["write"], ledger, () => (began.resolve(), false))];
    const first = await startEngine({ store, tools, model: scriptedModel([{ text: plan('1. stuck("a")') }]) });
    const before = await first.session();
    const runId = await before.say("go");
    const card = await before.until("approval-requested");
    await before.command("approval-respond", { approvalId: card.data.approvalId, decision: "allow_once" });
    await began.promise;
    await first.close();
    await store.close();

    const again = await open();
    const second = await startEngine({ store: again, tools, model: scriptedModel([{ text: "Done." }]) });
    const after = await second.watch(before.id);
    await after.until("todo-unknown");
    await after.until("run-waiting", ({ seq }) => seq > (after.all("todo-unknown")[0]?.seq ?? 0));
    await after.command("todo-resolve", { runId, todoId: "t1", outcome: "done" });
    expect(await after.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["a"]);
    await second.close();
    await again.close();
  });

  it("a turn that was cut is not replayed: what ran is told, what had not started is cancelled", async () => {
    const store = await open();
    const ledger: string[] = [];
    const never = new Promise<void>(() => undefined);
    const tools = [stuck(["read"], ledger, () => true)];
    const first = await startEngine({
      store,
      tools,
      model: scriptedModel([{ text: ['Looking.\n```plan\n1. stuck("a")\n', never] }]),
    });
    const before = await first.session();
    const runId = await before.say("go");
    await before.until("todo-completed");
    await first.close();
    await store.close();

    const model = scriptedModel([{ text: "Done." }]);
    const again = await open();
    const second = await startEngine({ store: again, tools, model });
    const after = await second.watch(before.id);
    expect(await after.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["a"]);
    expect(after.all("part-closed")[0]?.data.cut).toBe(true);
    expect(JSON.stringify(model.requests[0]?.messages)).toMatch(/id=\\"t1\\".*status=\\"completed\\"/);
    model.assertComplete();
    await second.close();
    await again.close();
  });

  it("queued messages are taken up", async () => {
    const store = await open();
    const never = new Promise<void>(() => undefined);
    const first = await startEngine({ store, model: scriptedModel([{ text: [never] }]) });
    const before = await first.session();
    await before.say("one");
    await before.until("turn-started");
    const two = await before.say("two");
    await first.close();
    await store.close();

    const model = scriptedModel([{ text: "One." }, { text: "Two." }]);
    const again = await open();
    const second = await startEngine({ store: again, model });
    const after = await second.watch(before.id);
    expect(await after.ended(two)).toMatchObject({ type: "run-completed" });
    expect(after.all("message-completed").map(({ data }) => data.text)).toEqual(["One.", "Two."]);
    await second.close();
    await again.close();
  });

  it.each(["was shut down", "was killed"])(
    "a limit still asks what it asked before the server %s, and a yes stays one",
    async (how) => {
      const store = await open();
      const limits = { rounds: 1 };
      const tools = [stuck(["read"], [], () => true)];
      const first = await startEngine({
        store,
        tools,
        limits,
        model: scriptedModel([{ text: plan('1. stuck("a")') }, { text: plan('2. stuck("b")') }]),
      });
      const before = await first.session();
      const runId = await before.say("go");
      const one = await before.until("approval-requested");
      await before.command("approval-respond", { approvalId: one.data.approvalId, decision: "allow_once" });
      const two = await before.until("approval-requested", ({ seq }) => seq > one.seq);
      await before.until("run-waiting", ({ seq }) => seq > two.seq);
      if (how === "was shut down") await first.close();

      const model = scriptedModel([{ text: "Done." }]);
      const second = await startEngine({ store, tools, limits, model });
      const after = await second.watch(before.id);
      await after.command("approval-respond", { approvalId: two.data.approvalId, decision: "allow_once" });
      expect(await after.ended(runId)).toMatchObject({ type: "run-completed", data: { stopReason: "end_turn" } });
      expect(after.all("approval-requested")).toHaveLength(2);
      expect(after.all("approval-resolved")).toHaveLength(2);
      await second.close();
      if (how === "was killed") await first.close();
      await store.close();
    },
  );

  it("what a person added to a run is still in its next turn", async () => {
    const store = await open();
    const never = new Promise<void>(() => undefined);
    const first = await startEngine({ store, model: scriptedModel([{ text: ["Looking.", never] }]) });
    const before = await first.session();
    const runId = await before.say("go");
    await before.until("part-opened");
    await before.command("run-steer", { runId, text: "Only the tests." });

    const model = scriptedModel([{ text: "Done." }]);
    const second = await startEngine({ store, model });
    const after = await second.watch(before.id);
    await after.ended(runId);
    expect(JSON.stringify(model.requests[0]?.messages)).toContain("Only the tests.");
    await second.close();
    await first.close();
    await store.close();
  });

  it("a line that was under repair has failed for the reason it had", async () => {
    const store = await open();
    const never = new Promise<void>(() => undefined);
    const first = await startEngine({ store, model: scriptedModel([{ text: plan('1. read_al("a")') }, { text: [never] }]) });
    const before = await first.session();
    const runId = await before.say("go");
    await before.until("turn-started", ({ data }) => data.turn === 2);
    await first.close();

    const second = await startEngine({ store, model: scriptedModel([{ text: "Done." }]) });
    const after = await second.watch(before.id);
    await after.ended(runId);
    expect(after.all("todo-failed").map(({ data }) => data.error.message)).toEqual([
      expect.stringContaining("There is no tool read_al."),
    ]);
    await second.close();
    await store.close();
  });

  it("a run that is stopped before it went on makes no further model call", async () => {
    const store = await open();
    const began = deferred();
    const tools = [stuck(["write"], [], () => (began.resolve(), false))];
    const first = await startEngine({ store, tools, model: scriptedModel([{ text: plan('1. stuck("a")') }]) });
    const before = await first.session();
    const runId = await before.say("go");
    const card = await before.until("approval-requested");
    await before.command("approval-respond", { approvalId: card.data.approvalId, decision: "allow_once" });
    await began.promise;
    await first.close();

    const second = await startEngine({ store, tools, model: scriptedModel([]) });
    const after = await second.watch(before.id);
    await after.until("todo-unknown");
    await after.command("run-cancel", { runId });
    expect(await after.ended(runId)).toMatchObject({ type: "run-cancelled" });
    expect(after.all("turn-started")).toHaveLength(1);
    await second.close();
    await store.close();
  });

  it("an answer that had not reached its todos reaches them", async () => {
    const store = await open();
    const ledger: string[] = [];
    const tools = [stuck(["write"], ledger, () => true)];
    const first = await startEngine({ store, tools, model: scriptedModel([{ text: plan('1. stuck("a")', '2. stuck("b")') }]) });
    const before = await first.session();
    const runId = await before.say("go");
    const { data } = await before.until("approval-requested");
    await before.until("run-waiting");
    await first.close();
    const [card] = await store.approvals.list(runId);
    if (card === undefined) throw new Error("there is no card");
    const { approvalId } = data;
    const answer = { approvalId, decision: "allow_once", decisions: { t2: "reject_once" }, by: "ada" } as const;
    const record = { ...card, answer, answeredAt: new Date().toISOString() };
    const events = [{ type: "approval-resolved", runId, data: answer } as const];
    await store.commit({ sessionId: before.id, events, changes: [{ put: "approvals", record }], at: record.answeredAt });

    const second = await startEngine({ store, tools, model: scriptedModel([{ text: "Done." }]) });
    const after = await second.watch(before.id);
    expect(await after.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["a"]);
    expect(after.all("todo-skipped").map((event) => event.data.todoId)).toEqual(["t2"]);
    await second.close();
    await store.close();
  });

  it("a run that was to stop is stopped, though its tools had not ended before the server did", async () => {
    const store = await open();
    const end = deferred();
    const tool = stuck(["read"], [], () => true);
    const deaf = defineTool({ ...tool, name: "deaf", run: () => end.promise.then(() => ({ what: "" })) });
    const first = await startEngine({ store, tools: [deaf], model: scriptedModel([{ text: plan('1. deaf("a")') }]) });
    const before = await first.session();
    const runId = await before.say("go");
    await before.until("turn-completed");
    await before.command("run-cancel", { runId });

    const second = await startEngine({ store, tools: [deaf], model: scriptedModel([]) });
    const after = await second.watch(before.id);
    expect(await after.ended(runId)).toMatchObject({ type: "run-cancelled" });
    expect(after.all("turn-started")).toHaveLength(1);
    await second.close();
    end.resolve();
    await first.close();
    await store.close();
  });
});
