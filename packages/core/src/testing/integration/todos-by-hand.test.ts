import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { type AnyTool, ToolError, builtInTools, defineTool } from "../../tools/index.ts";
import { deferred, startEngine } from "../engine-harness.ts";
import { engines } from "./engines.fixture.ts";
import { scriptedModel } from "../scripted-model.ts";
import { changing, echo, page, plan } from "./scene.fixture.ts";

const { folder, closers, start } = engines();

/** A read that does as the test says with its argument. */
function read(name: string, run: (value: string, signal: AbortSignal) => Promise<unknown>): AnyTool {
  return defineTool({
    name,
    description: "Reads.",
    effects: ["read"],
    critical: [],
    integrity: "system",
    idempotent: true,
    undoable: false,
    timeoutMs: 30_000,
    input: z.object({ value: z.string() }),
    output: z.object({ value: z.string() }),
    run: async ({ value }, { signal }) => {
      await run(value, signal);
      return { value };
    },
  });
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));

describe("editing a todo", () => {
  it("on a card closes it, and the new one shows what will run", async () => {
    const ledger: string[] = [];
    const model = scriptedModel([{ text: plan('1. change("a")', '2. change("b")') }, { text: "ok" }]);
    const harness = await start({ model, tools: [changing(ledger)] });
    const session = await harness.session();
    const runId = await session.say("go");
    const first = await session.until("approval-requested");
    await session.until("run-waiting");
    await session.command("todo-edit", { runId, todoId: "t2", args: { what: "c" } });
    const second = await session.until("approval-requested", ({ seq }) => seq > first.seq);
    expect(second.data.todos.map(({ todoId, arguments: args }) => [todoId, args])).toEqual([
      ["t1", { what: "a" }],
      ["t2", { what: "c" }],
    ]);
    await expect(
      session.command("approval-respond", { approvalId: first.data.approvalId, decision: "allow_once" }),
    ).rejects.toMatchObject({ code: "conflict" });
    expect(ledger).toEqual([]);
    await session.command("approval-respond", { approvalId: second.data.approvalId, decision: "allow_once" });
    await session.ended(runId);
    expect(ledger.toSorted()).toEqual(["a", "c"]);
    expect((await session.until("todo-updated", ({ data }) => data.args !== undefined)).data).toMatchObject({
      todoId: "t2",
      args: { what: "c" },
      dependsOn: [],
      edited: ["what"],
      title: "change c",
    });
  });

  it("makes only the edited value the person's own: under outside control it still asks, and the rest stays marked", async () => {
    const model = scriptedModel([
      { text: plan('1. page("x")') },
      { text: plan('2. change("from the page", text: $1.text)') },
      { text: "ok" },
    ]);
    const harness = await start({ model, tools: [page, changing([])], defaultMode: "workspace" });
    const session = await harness.session();
    const runId = await session.say("go");
    const first = await session.until("approval-requested");
    expect(first.data.todos[0]?.reasons.join(" ")).toContain('"what" decides where this lands');
    const text = { $ref: "t1#/text" };
    await session.command("todo-edit", { runId, todoId: "t2", args: { what: "mine", text } });
    const second = await session.until("approval-requested", ({ seq }) => seq > first.seq);
    const [todo] = second.data.todos;
    expect(todo?.reasons.join(" ")).not.toContain("decides where this lands");
    expect(todo?.reasons.join(" ")).toContain("after reading text from outside");
    expect(todo?.readBefore).toEqual(["t1 (page)"]);
    expect(todo?.provenance.map(({ argument, integrity, source }) => [argument, integrity, source])).toEqual([
      ["/what", "user", "edited by you"],
      ["/text", "outside", "copied from t1 (page), text nobody vouches for"],
    ]);
    expect(todo?.control.integrity).toBe("outside");
    await session.command("run-cancel", { runId });
    await session.ended(runId);
  });

  it("may point to another earlier todo, and then waits for that", async () => {
    const gate = deferred();
    const lines = ['1. slow("a")', '2. echo("b")', '3. change("c")'];
    const model = scriptedModel([{ text: plan(...lines) }, { text: "ok" }]);
    const harness = await start({ model, tools: [read("slow", () => gate.promise), echo, changing([])] });
    const session = await harness.session();
    const runId = await session.say("go");
    const first = await session.until("approval-requested");
    await session.command("todo-edit", { runId, todoId: "t3", args: { what: { $concat: ["file ", { $ref: "t1#/value" }] } } });
    gate.resolve();
    const second = await session.until("approval-requested", ({ seq }) => seq > first.seq);
    expect(second.data.todos).toMatchObject([{ todoId: "t3", arguments: { what: "file a" } }]);
    await session.command("approval-respond", { approvalId: second.data.approvalId, decision: "allow_once" });
    await session.ended(runId);
  });

  it.each([
    [{ wat: "x" }, "change(what, text): it has no argument wat."],
    [{ what: 7 }, "change(what, text): what: expected string, received number."],
    [{}, "change(what, text): what is missing."],
    [{ what: { $ref: "t2#/changed" } }, "t2 is no earlier todo of this run: a reference points backwards only."],
    [{ what: { $ref: "t9#" } }, "t9 is no earlier todo of this run: a reference points backwards only."],
    [{ what: { $ref: "t1", more: 1 } }, 'what: an object with the key $ref must be {"$ref":"t1#/path"}'],
  ])("to %j is refused, with what is wrong", async (args, message) => {
    const model = scriptedModel([{ text: plan('1. change("a")', '2. change("b")') }, { text: "ok" }]);
    const harness = await start({ model, tools: [changing([])] });
    const session = await harness.session();
    const runId = await session.say("go");
    await session.until("approval-requested");
    await expect(session.command("todo-edit", { runId, todoId: "t1", args })).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining(message) as unknown,
    });
    expect(session.all("approval-requested")).toHaveLength(1);
  });

  it("that has started, or of a run that is over, is refused", async () => {
    const gate = deferred();
    const model = scriptedModel([{ text: plan('1. slow("a")') }, { text: "ok" }]);
    const harness = await start({ model, tools: [read("slow", () => gate.promise)] });
    const session = await harness.session();
    const runId = await session.say("go");
    await session.until("todo-started");
    const args = { value: "b" };
    const edited = () => session.command("todo-edit", { runId, todoId: "t1", args });
    await expect(edited()).rejects.toMatchObject({
      code: "conflict",
      message: "It has started already, so its arguments stay as they are.",
    });
    gate.resolve();
    await session.ended(runId);
    const over = "That run is over, so its todos stay as they are. Ask for it in a new message.";
    await expect.poll(() => edited().catch((error: unknown) => error)).toMatchObject({ code: "conflict", message: over });
  });

  it("survives a restart, with whose words they are", async () => {
    const store = openInMemoryStore();
    const ledger: string[] = [];
    const tools = [page, changing(ledger)];
    const model = scriptedModel([{ text: plan('1. page("x")') }, { text: plan('2. change("from the page")') }]);
    const first = await startEngine({ workspaces: folder.workspaces, store, tools, model });
    const before = await first.session();
    const runId = await before.say("go");
    const card = await before.until("approval-requested");
    await before.command("todo-edit", { runId, todoId: "t2", args: { what: "mine" } });
    const shown = await before.until("approval-requested", ({ seq }) => seq > card.seq);
    await before.until("run-waiting", ({ seq }) => seq > card.seq);
    await first.close();

    const second = await start({ store, tools, model: scriptedModel([{ text: "ok" }]) });
    const after = await second.watch(before.id);
    await after.command("approval-respond", { approvalId: shown.data.approvalId, decision: "allow_once" });
    expect(await after.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["mine"]);
    expect(after.all("approval-requested")).toHaveLength(2);
  });
});

it("a todo that only stood behind one that failed runs after a restart too", async () => {
  const store = openInMemoryStore();
  const ledger: string[] = [];
  const gate = deferred();
  const failing = changing(ledger, async () => {
    if (ledger.length > 1) return;
    await gate.promise;
    throw new ToolError("no", "It does not work.");
  });
  const text = plan('1. change("a")', '2. change("b")', '3. change("a", text: $2.changed)');
  const first = await startEngine({ workspaces: folder.workspaces, store, tools: [failing], model: scriptedModel([{ text }]) });
  const before = await first.session();
  const runId = await before.say("go");
  const one = await before.until("approval-requested");
  await before.command("approval-respond", { approvalId: one.data.approvalId, decision: "allow_once" });
  const two = await before.until("approval-requested", ({ seq }) => seq > one.seq);
  expect((await before.until("todo-updated", ({ data }) => data.dependsOn !== undefined)).data.dependsOn).toEqual(["t2", "t1"]);
  gate.resolve();
  await before.until("todo-failed");
  await before.until("run-waiting", ({ seq }) => seq > two.seq);
  await first.close();

  const second = await start({ store, tools: [failing], model: scriptedModel([{ text: "ok" }]) });
  const after = await second.watch(before.id);
  await after.command("approval-respond", { approvalId: two.data.approvalId, decision: "allow_once" });
  await after.ended(runId);
  expect(after.all("todo-completed").map(({ data }) => data.todoId)).toEqual(["t2", "t3"]);
});

describe("running a todo again", () => {
  it("takes along what was skipped for its sake, leaves what completed, and the model hears of it", async () => {
    let fails = true;
    const gate = deferred();
    const flaky = read("flaky", async () => {
      if (fails) throw new ToolError("gone", "It is gone.");
    });
    const lines = ['1. flaky("a")', "2. echo($1.value)", "3. echo($2.value)", '4. slow("d")', '5. echo("e")'];
    const model = scriptedModel([{ text: plan(...lines) }, { text: "ok" }]);
    const harness = await start({ model, tools: [flaky, echo, read("slow", () => gate.promise)] });
    const session = await harness.session();
    const runId = await session.say("go");
    await session.until("todo-skipped", ({ data }) => data.todoId === "t3");
    await expect(session.command("todo-retry", { runId, todoId: "t3" })).rejects.toMatchObject({
      code: "conflict",
      message: "It needs t2, which was skipped. Let that run again, and this one follows.",
    });
    await expect(session.command("todo-retry", { runId, todoId: "t5" })).rejects.toMatchObject({ code: "conflict" });
    fails = false;
    await session.command("todo-retry", { runId, todoId: "t1" });
    await session.until("todo-completed", ({ data }) => data.todoId === "t3");
    gate.resolve();
    await session.ended(runId);
    const starts = session.all("todo-started").map(({ data }) => `${data.todoId} ${data.attempt}`);
    expect(starts.toSorted()).toEqual(["t1 1", "t1 2", "t2 1", "t3 1", "t4 1", "t5 1"]);
    expect(JSON.stringify(model.requests[1]?.messages)).not.toContain("It is gone.");
  });

  it("with other arguments edits it first", async () => {
    const gate = deferred();
    const picky = read("picky", async (value) => {
      if (value !== "good") throw new ToolError("bad", "It is bad.");
    });
    const model = scriptedModel([{ text: plan('1. picky("bad")', '2. slow("b")') }, { text: "ok" }]);
    const harness = await start({ model, tools: [picky, read("slow", () => gate.promise)] });
    const session = await harness.session();
    const runId = await session.say("go");
    await session.until("todo-failed");
    await session.command("todo-retry", { runId, todoId: "t1", args: { value: "good" } });
    await session.until("todo-completed", ({ data }) => data.todoId === "t1");
    gate.resolve();
    await session.ended(runId);
  });

  it("of an effect asks, since exactly that was done before", async () => {
    const ledger: string[] = [];
    const gate = deferred();
    const failing = changing(ledger, async () => {
      if (ledger.length === 1) throw new ToolError("half", "It broke in the middle.");
    });
    const model = scriptedModel([{ text: plan('1. change("a")', '2. slow("b")') }, { text: "ok" }]);
    const harness = await start({ model, tools: [failing, read("slow", () => gate.promise)] });
    const session = await harness.session();
    const runId = await session.say("go");
    const first = await session.until("approval-requested");
    await session.command("approval-respond", { approvalId: first.data.approvalId, decision: "allow_once" });
    await session.until("todo-failed");
    await session.command("todo-retry", { runId, todoId: "t1" });
    const second = await session.until("approval-requested", ({ seq }) => seq > first.seq);
    expect(second.data.todos[0]?.reasons).toContain("The same was already done in this run.");
    expect(ledger).toEqual(["a"]);
    await session.command("approval-respond", { approvalId: second.data.approvalId, decision: "allow_once" });
    await session.until("todo-completed");
    gate.resolve();
    await session.ended(runId);
    expect(ledger).toEqual(["a", "a"]);
  });

  it("while the model writes its next turn gets that turn's answer another turn behind it", async () => {
    let fails = true;
    const gate = deferred();
    const flaky = read("flaky", async () => {
      if (fails) throw new ToolError("gone", "It is gone.");
    });
    const model = scriptedModel([
      { text: plan('1. flaky("a")') },
      { text: ["It failed.", gate.promise] },
      { text: "It worked." },
    ]);
    const harness = await start({ model, tools: [flaky] });
    const session = await harness.session();
    const runId = await session.say("go");
    await session.until("part-opened", ({ data }) => data.turn === 2);
    fails = false;
    await session.command("todo-retry", { runId, todoId: "t1" });
    await session.until("todo-completed");
    gate.resolve();
    await session.ended(runId);
    model.assertComplete();
  });
});

describe("stopping one todo", () => {
  it("ends it and skips what needs it, and the rest of the run goes on", async () => {
    const lines = ['1. stare("a")', "2. echo($1.value)", '3. echo("c")'];
    const model = scriptedModel([{ text: plan(...lines) }, { text: "ok" }]);
    const harness = await start({ model, tools: [read("stare", (_, signal) => untilAborted(signal)), echo] });
    const session = await harness.session();
    const runId = await session.say("go");
    await session.until("todo-completed", ({ data }) => data.todoId === "t3");
    await session.command("todo-cancel", { runId, todoId: "t1" });
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(session.all("todo-cancelled").map(({ data }) => data)).toEqual([{ todoId: "t1", reason: "The user stopped it." }]);
    expect(session.all("todo-skipped").map(({ data }) => data)).toEqual([
      { todoId: "t2", reason: "It needs t1, which was cancelled." },
    ]);
    expect(JSON.stringify(model.requests[1]?.messages)).toContain("The user stopped it.");
  });

  it("kills its processes, those too that ignore the request to end", async () => {
    const command = "trap '' TERM; (trap '' TERM; sleep 300 & echo $! > grandchild; wait) & echo $$ > shell; wait";
    const model = scriptedModel([{ text: plan(`1. shell("${command}")`, '2. echo("b")') }, { text: "ok" }]);
    const harness = await start({ model, tools: [...builtInTools({ only: ["shell"] }), echo] });
    const session = await harness.session();
    const runId = await session.say("go");
    const { data } = await session.until("approval-requested");
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    const pidIn = (file: string): number =>
      Number(existsSync(join(folder.path, file)) && readFileSync(join(folder.path, file), "utf8"));
    await expect.poll(() => pidIn("shell") > 0 && pidIn("grandchild") > 0, { timeout: 10_000 }).toBe(true);
    await session.command("todo-cancel", { runId, todoId: "t1" });
    await session.until("todo-cancelled");
    for (const file of ["shell", "grandchild"]) expect(isAlive(pidIn(file))).toBe(false);
    await session.ended(runId);
  });

  it("leaves an effect unknown that does not report its end", async () => {
    const began = deferred();
    const deaf = changing([], () => (began.resolve(), new Promise(() => undefined)));
    const model = scriptedModel([{ text: plan('1. change("a")') }, { text: "ok" }]);
    const harness = await start({ model, tools: [deaf] });
    const session = await harness.session();
    const runId = await session.say("go");
    const { data } = await session.until("approval-requested");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    closers.push(() => vi.useRealTimers());
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    await began.promise;
    await session.command("todo-cancel", { runId, todoId: "t1" });
    await vi.advanceTimersByTimeAsync(5000);
    await session.until("todo-unknown");
    await session.command("todo-resolve", { runId, todoId: "t1", outcome: "skip" });
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
  });

  it("that does not run is refused", async () => {
    const model = scriptedModel([{ text: plan('1. change("a")') }, { text: "ok" }]);
    const harness = await start({ model, tools: [changing([])] });
    const session = await harness.session();
    const runId = await session.say("go");
    await session.until("approval-requested");
    const refused = session.command("todo-cancel", { runId, todoId: "t1" });
    await expect(refused).rejects.toMatchObject({ code: "conflict", message: "It is not running." });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
