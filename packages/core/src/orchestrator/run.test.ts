import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { scriptedModel } from "../testing/scripted-model.ts";
import { ada, bob, deferred, startEngine } from "../testing/engine-harness.ts";
import { type AnyTool, defineTool } from "../tools/index.ts";

/** A read that is held until its gate opens. */
function heldRead(name: string, gate: Promise<unknown>): AnyTool {
  return defineTool({
    ...quiet,
    name,
    description: "Reads and waits.",
    input: z.object({ what: z.string() }),
    output: z.object({ what: z.string() }),
    run: async ({ what }) => {
      await gate;
      return { what };
    },
  });
}

const quiet = {
  effects: ["read"],
  critical: [],
  integrity: "system",
  idempotent: true,
  undoable: false,
  timeoutMs: 5000,
} as const;

const echo = defineTool({
  ...quiet,
  name: "echo",
  description: "Gives back what it got.",
  input: z.object({ value: z.unknown() }),
  output: z.object({ value: z.unknown() }),
  run: async ({ value }) => ({ value }),
});

const items = defineTool({
  ...quiet,
  name: "items",
  description: "Lists numbers.",
  input: z.object({ count: z.number() }),
  output: z.object({ items: z.array(z.object({ n: z.string() })) }),
  run: async ({ count }) => ({ items: Array.from({ length: count }, (_, index) => ({ n: `item ${index + 1}` })) }),
});

/** Something that changes the world: the ledger tells what happened. */
const folder = mkdtempSync(join(tmpdir(), "orquestra-run-"));
const workspaces = { start: folder, list: () => [folder] };
afterAll(() => rmSync(folder, { recursive: true }));

function effect(ledger: string[]): AnyTool {
  return defineTool({
    ...quiet,
    name: "change",
    description: "Changes something.",
    input: z.object({ what: z.string() }),
    output: z.object({ changed: z.string() }),
    effects: ["write"],
    critical: ["what"],
    idempotent: false,
    touches: ({ what }) => ({ reads: [], writes: [what] }),
    run: async ({ what }) => {
      ledger.push(what);
      return { changed: what };
    },
  });
}

const plan = (...lines: string[]): string => ["```plan", ...lines, "```"].join("\n");

describe("a run", () => {
  it("answers a plain question with one model call", async () => {
    const model = scriptedModel([{ text: ["Hel", "lo."] }]);
    const harness = await startEngine({ model });
    const session = await harness.session();
    const end = await session.ended(await session.say("Hi"));
    expect(end).toMatchObject({ type: "run-completed", data: { stopReason: "end_turn" } });
    expect(session.events.map(({ type }) => type)).toEqual([
      "session-created",
      "session-updated",
      "message-received",
      "run-queued",
      "run-started",
      "turn-started",
      "part-opened",
      "part-closed",
      "message-completed",
      "turn-completed",
      "run-completed",
    ]);
    expect(session.events.map(({ seq }) => seq)).toEqual(session.events.map((_, index) => index + 1));
    const deltas = session.frames.filter((frame) => frame.type === "delta").map((frame) => ("text" in frame ? frame.text : ""));
    expect(deltas.join("")).toBe("Hello.");
    model.assertComplete();
    await harness.close();
  });

  it("starts a read while the next line is still being written, and runs reads side by side", async () => {
    const gate = deferred();
    const started = deferred();
    const first = heldRead("first", gate.promise);
    const second = defineTool({ ...first, name: "second", run: async () => (gate.resolve(), { what: "second" }) });
    const model = scriptedModel([
      { text: ['```plan\n1. first("a")\n', started.promise, '2. second("b")\n```'] },
      { text: "Done." },
    ]);
    const harness = await startEngine({ model, tools: [first, second] });
    const session = await harness.session();
    const runId = await session.say("go");
    await session.until("todo-started", ({ data }) => data.todoId === "t1");
    expect(session.all("todo-added")).toHaveLength(1);
    started.resolve();
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    const order = session.events.flatMap((event) =>
      "todoId" in event.data && /started|completed/.test(event.type) ? [`${event.type} ${event.data.todoId}`] : [],
    );
    expect(order.indexOf("todo-started t2")).toBeLessThan(order.indexOf("todo-completed t1"));
    model.assertComplete();
    await harness.close();
  });

  it("passes results by reference and makes one child per element", async () => {
    const model = scriptedModel([{ text: plan("1. items(3)", "2. echo($1.items[*].n)", "3. echo($2)") }, { text: "ok" }]);
    const harness = await startEngine({ model, tools: [items, echo] });
    const session = await harness.session();
    await session.ended(await session.say("go"));
    const done = Object.fromEntries(session.all("todo-completed").map(({ data }) => [data.todoId, data.preview]));
    expect(Object.keys(done)).toEqual(["t1", "t2.1", "t2.2", "t2.3", "t2", "t3"]);
    expect(done["t3"]).toEqual({ value: [{ value: "item 1" }, { value: "item 2" }, { value: "item 3" }] });
    await harness.close();
  });

  it("runs a plan that is written as JSON lines in the same way", async () => {
    const json = plan(
      '{"id":1,"tool":"items","args":{"count":2}}',
      '{"id":2,"tool":"echo","args":{"value":{"$ref":"1#/items/*/n"}}}',
    );
    const model = scriptedModel([{ text: json }, { text: "ok" }]);
    const harness = await startEngine({ model, tools: [items, echo] });
    const session = await harness.session({ planFormat: "json" });
    await session.ended(await session.say("go"));
    expect(model.requests[0]?.system).toContain("one JSON object a line");
    expect(session.all("todo-completed").map(({ data }) => data.todoId)).toEqual(["t1", "t2.1", "t2.2", "t2"]);
    await harness.close();
  });

  it("asks once for a plan's effects and runs them only when they are allowed", async () => {
    const ledger: string[] = [];
    const model = scriptedModel([{ text: plan('1. change("a")', '2. change("b")', "3. echo($1.changed)") }, { text: "ok" }]);
    const harness = await startEngine({ model, workspaces, tools: [effect(ledger), echo] });
    const session = await harness.session();
    const runId = await session.say("go");
    const card = await session.until("approval-requested");
    expect(card.data.todos.map(({ todoId }) => todoId)).toEqual(["t1", "t2"]);
    await session.until("run-waiting");
    expect(ledger).toEqual([]);
    await session.command("approval-respond", {
      approvalId: card.data.approvalId,
      decision: "allow_once",
      decisions: { t2: "reject_once" },
      reason: "not b",
    });
    await session.ended(runId);
    expect(ledger).toEqual(["a"]);
    expect((await session.until("todo-skipped")).data).toMatchObject({ todoId: "t2", reason: "The user rejected it: not b" });
    const told = JSON.stringify(model.requests[1]?.messages);
    expect(told).toContain("not b");
    await expect(
      session.command("approval-respond", { approvalId: card.data.approvalId, decision: "allow_once" }),
    ).rejects.toMatchObject({ code: "conflict" });
    await harness.close();
  });

  it("skips only what depends on a failed todo, and the next turn sees why", async () => {
    const model = scriptedModel([
      { text: plan("1. items(1)", "2. echo($1.nothing)", "3. echo($2)", '4. echo("free")') },
      { text: "ok" },
    ]);
    const harness = await startEngine({ model, tools: [items, echo] });
    const session = await harness.session();
    await session.ended(await session.say("go"));
    expect((await session.until("todo-failed")).data).toMatchObject({ todoId: "t2", error: { code: "reference_missing" } });
    expect((await session.until("todo-skipped")).data.todoId).toBe("t3");
    expect(session.all("todo-completed").map(({ data }) => data.todoId)).toEqual(expect.arrayContaining(["t1", "t4"]));
    expect(JSON.stringify(model.requests[1]?.messages)).toContain("nothing");
    await harness.close();
  });

  it("gives a line that does not parse one repair turn, which replaces it and only it", async () => {
    const model = scriptedModel([{ text: plan('1. ech("a")', '2. echo("b")') }, { text: plan('1. echo("a")') }, { text: "ok" }]);
    const harness = await startEngine({ model, tools: [echo] });
    const session = await harness.session();
    await session.ended(await session.say("go"));
    expect((await session.until("todo-invalid")).data).toMatchObject({ todoId: "t1" });
    expect(
      session
        .all("todo-completed")
        .map(({ data }) => data.todoId)
        .toSorted(),
    ).toEqual(["t1", "t2"]);
    model.assertComplete();
    await harness.close();
  });

  it("lets prose between the todos of a plan pass without a repair turn", async () => {
    const model = scriptedModel([{ text: plan("First I look:", '1. echo("a")', "That is all.") }, { text: "ok" }]);
    const harness = await startEngine({ model, tools: [echo] });
    const session = await harness.session();
    await session.ended(await session.say("go"));
    expect(session.all("todo-completed").map(({ data }) => data.todoId)).toEqual(["t1"]);
    model.assertComplete();
    await harness.close();
  });

  it("fails a line that stays wrong after its repair", async () => {
    const model = scriptedModel([{ text: plan('1. ech("a")') }, { text: plan('1. ech("a")') }, { text: "I give up." }]);
    const harness = await startEngine({ model, tools: [echo] });
    const session = await harness.session();
    expect(await session.ended(await session.say("go"))).toMatchObject({ type: "run-completed" });
    expect((await session.until("todo-failed")).data.todoId).toBe("t1");
    await harness.close();
  });

  it("tells the model of a line that was never corrected, and tells it once", async () => {
    const model = scriptedModel([{ text: plan('1. ech("a")', '2. echo("b")') }, { text: "No." }, { text: "Done." }]);
    const harness = await startEngine({ model, tools: [echo] });
    const session = await harness.session();
    await session.ended(await session.say("go"));
    const [, repair = "", last = ""] = model.requests.map(({ messages }) => JSON.stringify(messages));
    expect(repair.split("There is no tool ech.")).toHaveLength(2);
    expect(last).toContain(String.raw`id=\"t1\"`);
    expect(last.split("There is no tool ech.")).toHaveLength(2);
    await harness.close();
  });

  it("goes on after a cut stream without replaying the turn", async () => {
    const ledger: string[] = [];
    const model = scriptedModel([{ text: '```plan\n1. echo("a")\n2. change("x")\n3. ech', cut: true }, { text: "Went on." }]);
    const harness = await startEngine({ model, workspaces, tools: [echo, effect(ledger)] });
    const session = await harness.session();
    expect(await session.ended(await session.say("go"))).toMatchObject({ type: "run-completed" });
    expect((await session.until("todo-cancelled")).data.todoId).toBe("t2");
    expect(session.all("todo-completed").map(({ data }) => data.todoId)).toEqual(["t1"]);
    expect(ledger).toEqual([]);
    expect(JSON.stringify(model.requests[1]?.messages)).toContain("broke off");
    await harness.close();
  });

  it("leaves no timer behind for tools that ended before their run was stopped", async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const gate = deferred();
    const model = scriptedModel([{ text: plan('1. echo("a")', '2. echo("b")') }, { text: ["Hm.", gate.promise] }]);
    const harness = await startEngine({ model, tools: [echo] });
    const session = await harness.session();
    const before = timers();
    const runId = await session.say("go");
    await session.until("turn-started", ({ data }) => data.turn === 2);
    await session.command("run-cancel", { runId });
    await session.ended(runId);
    expect(timers()).toBeLessThanOrEqual(before);
    gate.resolve();
    await harness.close();
  });

  it("stops on cancel: tools are aborted, the text so far stays", async () => {
    const aborted = deferred();
    const slow = defineTool({
      ...quiet,
      name: "slow",
      description: "Takes for ever.",
      input: z.object({}),
      output: z.null(),
      run: (_args, call) =>
        new Promise((_, reject) => {
          call.signal.addEventListener("abort", () => {
            aborted.resolve();
            reject(new Error("stopped"));
          });
        }),
    });
    const model = scriptedModel([{ text: `Looking.\n${plan("1. slow()")}` }]);
    const harness = await startEngine({ model, tools: [slow] });
    const session = await harness.session();
    const runId = await session.say("go");
    await session.until("todo-started");
    await session.command("run-cancel", { runId });
    await aborted.promise;
    expect(await session.ended(runId)).toMatchObject({ type: "run-cancelled" });
    expect((await session.until("part-closed")).data.text).toContain("Looking.");
    expect(session.all("todo-cancelled").map(({ data }) => data.todoId)).toEqual(["t1"]);
    await harness.close();
  });

  it("keeps the order of todos that touch the same thing and shows it", async () => {
    const ledger: string[] = [];
    const model = scriptedModel([{ text: plan('1. change("a")', '2. change("a/b")', '3. change("c")') }, { text: "ok" }]);
    const harness = await startEngine({ model, workspaces, tools: [effect(ledger)] });
    const session = await harness.session();
    const runId = await session.say("go");
    const { data } = await session.until("approval-requested");
    expect(data.todos.map(({ todoId }) => todoId)).toEqual(["t1", "t2", "t3"]);
    expect((await session.until("todo-updated", (event) => event.data.dependsOn !== undefined)).data).toMatchObject({
      todoId: "t2",
      dependsOn: ["t1"],
    });
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    await session.ended(runId);
    expect(ledger.indexOf("a")).toBeLessThan(ledger.indexOf("a/b"));
    await harness.close();
  });

  it("asks for an effect that a read waits for, though the read feeds another effect", async () => {
    const ledger: string[] = [];
    const model = scriptedModel([{ text: plan('1. change("a")', "2. echo($1)", "3. change($2.value.changed)") }, { text: "ok" }]);
    const harness = await startEngine({ model, workspaces, tools: [effect(ledger), echo] });
    const session = await harness.session();
    const runId = await session.say("go");
    const first = await session.until("approval-requested");
    expect(first.data.todos.map(({ todoId }) => todoId)).toEqual(["t1"]);
    await session.command("approval-respond", { approvalId: first.data.approvalId, decision: "allow_once" });
    const second = await session.until("approval-requested", ({ seq }) => seq > first.seq);
    expect(second.data.todos.map(({ todoId }) => todoId)).toEqual(["t3"]);
    await session.command("approval-respond", { approvalId: second.data.approvalId, decision: "allow_once" });
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["a", "a"]);
    await harness.close();
  });

  it("lets the children of a line come before the lines below it that touch the same thing", async () => {
    const ledger: string[] = [];
    const look = defineTool({ ...echo, name: "look", touches: () => ({ reads: ["item 1"], writes: [] }) });
    const lines = ["1. items(2)", "2. look($1.items[*].n)", "3. change($2[0].value)", '4. change("item 1/x")'];
    const harness = await startEngine({
      model: scriptedModel([{ text: plan(...lines) }, { text: "ok" }]),
      workspaces,
      tools: [items, look, effect(ledger)],
    });
    const session = await harness.session();
    const runId = await session.say("go");
    const { data } = await session.until("approval-requested");
    expect(data.todos.map(({ todoId }) => todoId)).toEqual(["t3", "t4"]);
    expect(session.all("todo-completed").map((event) => event.data.todoId)).toEqual(["t1", "t2.1", "t2.2", "t2"]);
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["item 1", "item 1/x"]);
    await harness.close();
  });

  it("pauses at a limit and goes on when the person says so", async () => {
    const model = scriptedModel([{ text: plan("1. items(1)") }, { text: plan("2. items(2)") }, { text: "ok" }]);
    const harness = await startEngine({ model, tools: [items], limits: { rounds: 2 } });
    const session = await harness.session();
    const runId = await session.say("go");
    const pause = await session.until("approval-requested");
    expect(pause.data.kind).toBe("budget");
    await session.command("approval-respond", { approvalId: pause.data.approvalId, decision: "allow_once" });
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed", data: { stopReason: "end_turn" } });
    await harness.close();
  });

  it("stops reading a plan at the limit of todos and asks before it goes on", async () => {
    const endless = Array.from({ length: 40 }, (_, index) => `${index + 1}. echo("${index + 1}")\n`);
    const model = scriptedModel([{ text: ["```plan\n", ...endless] }, { text: "Enough." }]);
    const harness = await startEngine({ model, tools: [echo], limits: { todos: 10 } });
    const session = await harness.session();
    const runId = await session.say("go");
    const pause = await session.until("approval-requested");
    expect(pause.data.kind).toBe("budget");
    expect(session.all("todo-completed")).toHaveLength(10);
    await session.command("approval-respond", { approvalId: pause.data.approvalId, decision: "allow_once" });
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(session.all("todo-added")).toHaveLength(10);
    await harness.close();
  });

  it("ends like any broken stream when the adapter of a model throws", async () => {
    const model = scriptedModel([{ text: ["Hel", Promise.reject(new Error("bug in the adapter"))] }, { text: "Hello." }]);
    const harness = await startEngine({ model });
    const session = await harness.session();
    expect(await session.ended(await session.say("go"))).toMatchObject({ type: "run-completed" });
    expect(session.all("part-closed").map(({ data }) => [data.text, data.cut ?? false])).toEqual([
      ["Hel", true],
      ["Hello.", false],
    ]);
    await harness.close();
  });

  it("ends with the stop reason budget when the person refuses", async () => {
    const model = scriptedModel([{ text: plan("1. items(1)") }]);
    const harness = await startEngine({ model, tools: [items], limits: { rounds: 1 } });
    const session = await harness.session();
    const runId = await session.say("go");
    const pause = await session.until("approval-requested");
    await session.command("approval-respond", { approvalId: pause.data.approvalId, decision: "reject_once" });
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed", data: { stopReason: "budget" } });
    await harness.close();
  });

  it("queues messages, lets the queue be changed, and runs them in order", async () => {
    const gate = deferred();
    const model = scriptedModel([{ text: [gate.promise, "one"] }, { text: "three" }, { text: "two changed" }]);
    const harness = await startEngine({ model });
    const session = await harness.session();
    await session.say("first");
    await session.until("turn-started");
    const second = await session.command("message-send", { text: "second" });
    const third = await session.command("message-send", { text: "third" });
    const fourth = await session.command("message-send", { text: "fourth" });
    await expect(session.command("message-send", { text: "no", whenBusy: "reject" })).rejects.toMatchObject({ code: "busy" });
    await session.command("queue-update", { messageId: third.messageId, position: 0 });
    await session.command("queue-update", { messageId: second.messageId, text: "second, changed" });
    await session.command("queue-update", { messageId: fourth.messageId, remove: true });
    gate.resolve();
    await session.ended(second.runId);
    const asked = model.requests.map(({ messages }) => JSON.stringify(messages.at(-1)));
    expect(asked[1]).toContain("third");
    expect(asked[2]).toContain("second, changed");
    model.assertComplete();
    await harness.close();
  });

  it("does a repeated command once and gives the first reply again", async () => {
    const model = scriptedModel([{ text: "ok" }]);
    const harness = await startEngine({ model });
    const session = await harness.session();
    const send = (text: string) => harness.command("message-send", { text }, { sessionId: session.id, id: "same" });
    const [first, again] = await Promise.all([send("Hi"), send("Hi")]);
    expect(again).toEqual(first);
    await session.ended(first.runId);
    expect(session.all("message-received")).toHaveLength(1);
    await expect(send("Other")).rejects.toMatchObject({ code: "conflict" });
    await harness.close();
  });

  it("gives back what was set of a user, also on a connection from before", async () => {
    const harness = await startEngine({ model: scriptedModel([]) });
    await harness.command("user-set", { metadata: { editor: "vim" } });
    expect(await harness.command("user-get", {})).toEqual({ id: ada.id, name: ada.name, metadata: { editor: "vim" } });
    await harness.close();
  });

  it("shows nobody another user's session", async () => {
    const harness = await startEngine({ model: scriptedModel([]) });
    const session = await harness.session();
    const asBob = { sessionId: session.id, user: bob };
    await expect(harness.command("message-send", { text: "Hi" }, asBob)).rejects.toMatchObject({ code: "not_found" });
    await expect(harness.command("session-delete", {}, asBob)).rejects.toMatchObject({ code: "not_found" });
    await expect(harness.engine.attach({ sessionId: session.id, user: bob, deliver: () => undefined })).rejects.toMatchObject({
      code: "not_found",
    });
    expect((await harness.command("session-list", {}, { user: bob })).items).toEqual([]);
    expect((await harness.command("session-list", {}, { user: ada })).items).toHaveLength(1);
    await harness.close();
  });

  it("fails with the model's own words when it cannot be reached", async () => {
    const { ModelError } = await import("../llm-provider/index.ts");
    const model = scriptedModel([{ error: new ModelError("auth", "The key for openai was refused (401).") }]);
    const harness = await startEngine({ model });
    const session = await harness.session();
    expect(await session.ended(await session.say("go"))).toMatchObject({
      type: "run-failed",
      data: { error: { code: "model_auth", message: "The key for openai was refused (401)." } },
    });
    await harness.close();
  });

  it("steers: the text reaches the next turn", async () => {
    const gate = deferred();
    const model = scriptedModel([{ text: plan('1. first("a")') }, { text: "steered" }]);
    const harness = await startEngine({ model, tools: [heldRead("first", gate.promise)] });
    const session = await harness.session();
    const runId = await session.say("go");
    await session.until("todo-started");
    await session.command("run-steer", { runId, text: "Rather look at the tests." });
    gate.resolve();
    await session.ended(runId);
    expect(JSON.stringify(model.requests[1]?.messages)).toContain("Rather look at the tests.");
    await harness.close();
  });
});

describe("models", () => {
  it("are connected by an owner only: a key is the server's, not a member's", async () => {
    const connectModel = async () => ({ models: ["openai/x"] });
    const harness = await startEngine({ model: scriptedModel([]), connectModel });
    expect(await harness.command("model-connect", { provider: "openai", key: "made-up" })).toEqual({ models: ["openai/x"] });
    const member = { ...bob, role: "member" as const, createdAt: "2026-01-01T00:00:00.000Z" };
    await harness.store.commit({
      sessionId: null,
      events: [],
      changes: [{ put: "users", record: member }],
      at: member.createdAt,
    });
    const refused = harness.command("model-connect", { provider: "openai", key: "made-up" }, { user: bob });
    await expect(refused).rejects.toMatchObject({ code: "forbidden" });
    await harness.close();
  });
});

describe("what holds for the whole server", () => {
  it("trust in a folder is given by an owner only", async () => {
    const harness = await startEngine({ model: scriptedModel([]), workspaces });
    const member = { ...bob, role: "member" as const, createdAt: "2026-01-01T00:00:00.000Z" };
    await harness.store.commit({
      sessionId: null,
      events: [],
      changes: [{ put: "users", record: member }],
      at: member.createdAt,
    });
    const asked = harness.command("workspace-trust", { workspace: folder, trusted: true }, { user: bob });
    await expect(asked).rejects.toMatchObject({ code: "forbidden" });
    expect((await harness.command("workspace-list", {})).items).toMatchObject([{ trusted: null }]);
    await harness.command("workspace-trust", { workspace: folder, trusted: true });
    expect((await harness.command("workspace-list", {})).items).toMatchObject([{ trusted: true }]);
    await harness.close();
  });

  it("a deleted session tells whoever is attached", async () => {
    const harness = await startEngine({ model: scriptedModel([]) });
    const session = await harness.session();
    await session.command("session-delete", {});
    await session.until("session-deleted");
    await expect(session.command("message-send", { text: "Hi" })).rejects.toMatchObject({ code: "not_found" });
    await harness.close();
  });
});
