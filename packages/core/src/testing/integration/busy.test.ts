import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { type AnyTool, builtInTools, defineTool } from "../../tools/index.ts";
import { deferred, startEngine } from "../engine-harness.ts";
import { engines } from "./engines.fixture.ts";
import { scriptedModel } from "../scripted-model.ts";
import { holding, lateStore } from "./late-store.fixture.ts";
import { changing, plan } from "./scene.fixture.ts";

const { folder, closers, start } = engines();

/** A read that goes on until it is stopped, and then takes its time to die. */
function dyingSlowly(stopped: () => void, death: Promise<void>): AnyTool {
  return defineTool({
    name: "stare",
    description: "Never ends by itself.",
    effects: ["read"],
    critical: [],
    integrity: "system",
    idempotent: true,
    undoable: false,
    timeoutMs: 60_000,
    input: z.object({}),
    output: z.null(),
    run: async (_args, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      stopped();
      await death;
      throw new Error("stopped");
    },
  });
}

describe("a message that interrupts", () => {
  it("cancels what runs, waits until its tools are dead, and is next in the queue", async () => {
    const [stopped, death] = [deferred(), deferred()];
    const model = scriptedModel([{ text: plan("1. stare()") }, { text: "Interrupted." }, { text: "Waited." }]);
    const harness = await start({ model, tools: [dyingSlowly(stopped.resolve, death.promise)] });
    const session = await harness.session();
    const first = await session.say("stare");
    await session.until("todo-started");
    const waiting = await session.say("wait");
    const interrupting = await session.say("stop that", { whenBusy: "interrupt" });
    await stopped.promise;
    await harness.command("session-list", {});
    expect(session.all("run-started").map(({ runId }) => runId)).toEqual([first]);
    expect(model.requests).toHaveLength(1);
    death.resolve();
    await session.ended(waiting);
    expect(session.all("run-started").map(({ runId }) => runId)).toEqual([first, interrupting, waiting]);
    const [cancelled] = session.all("run-cancelled");
    expect(cancelled?.runId).toBe(first);
    expect(cancelled?.seq).toBeLessThan(session.all("run-started")[1]?.seq ?? 0);
    model.assertComplete();
  });

  it("ends every process of a command before it starts", async () => {
    const command = "sleep 300 & echo $! > child; echo $$ > shell; wait";
    const model = scriptedModel([{ text: plan(`1. shell("${command}")`) }, { text: "Interrupted." }]);
    const harness = await start({ model, tools: builtInTools({ only: ["shell"] }) });
    const session = await harness.session();
    await session.say("sleep");
    const { data } = await session.until("approval-requested");
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    const pidIn = (file: string): number =>
      Number(existsSync(join(folder.path, file)) && readFileSync(join(folder.path, file), "utf8"));
    await expect.poll(() => pidIn("shell") > 0 && pidIn("child") > 0, { timeout: 10_000 }).toBe(true);
    const interrupting = await session.say("stop that", { whenBusy: "interrupt" });
    await session.until("run-started", ({ runId }) => runId === interrupting);
    for (const file of ["shell", "child"]) expect(isAlive(pidIn(file))).toBe(false);
    await session.ended(interrupting);
    expect(session.all("todo-cancelled").map(({ data: { todoId } }) => todoId)).toEqual(["t1"]);
  });

  it("also interrupts a run that is only just being taken up", async () => {
    const { store, hold, held } = holding(openInMemoryStore(), "rules.list");
    const model = scriptedModel(() => ({ text: "Answered." }));
    const harness = await start({ model, store });
    const session = await harness.session();
    const release = hold();
    const first = await session.say("one");
    await held();
    const second = session.say("two", { whenBusy: "interrupt" });
    await expect.poll(() => session.all("message-received").length).toBe(2);
    release();
    await session.ended(await second);
    expect(await session.ended(first)).toMatchObject({ type: "run-cancelled" });
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

describe("a message that may not wait", () => {
  it("is refused while the session works or waits for a person, and taken when it is idle", async () => {
    const harness = await start({
      model: scriptedModel([{ text: plan('1. change("a")') }, { text: "Skipped." }, { text: "Hi." }]),
      tools: [changing([])],
    });
    const session = await harness.session();
    const runId = await session.say("change something");
    const busy = { code: "busy", message: "The session is busy with another message.", retryable: true };
    await expect(session.say("me first", { whenBusy: "reject" })).rejects.toMatchObject(busy);
    const { data } = await session.until("approval-requested");
    await session.until("run-waiting");
    await expect(session.say("me first", { whenBusy: "reject" })).rejects.toMatchObject(busy);
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "reject_once" });
    await session.ended(runId);
    await session.ended(await session.say("and now", { whenBusy: "reject" }));
    expect(session.all("message-received").map(({ data: { text } }) => text)).toEqual(["change something", "and now"]);
  });
});

describe("between two runs", () => {
  it("no message is forgotten that comes while the engine looks for the next", async () => {
    const { store, hold, held } = holding(openInMemoryStore(), "runs.active");
    const gate = deferred();
    const harness = await start({ model: scriptedModel([{ text: [gate.promise, "One."] }, { text: "Two." }]), store });
    const session = await harness.session();
    const first = await session.say("one");
    await session.until("turn-started");
    const release = hold();
    gate.resolve();
    await session.ended(first);
    await held();
    const second = await session.say("two");
    release();
    expect(await session.ended(second)).toMatchObject({ type: "run-completed" });
  });
});

describe("a run that is taken up after a restart", () => {
  it("hears the answer that comes meanwhile", async () => {
    const { store, hold, held } = holding(openInMemoryStore(), "approvals.list");
    const ledger: string[] = [];
    const tools = [changing(ledger)];
    const first = await startEngine({
      model: scriptedModel([{ text: plan('1. change("a")') }]),
      tools,
      store,
      workspaces: folder.workspaces,
    });
    const before = await first.session();
    const runId = await before.say("go");
    const { data } = await before.until("approval-requested");
    await before.until("run-waiting");
    await first.close();

    const release = hold();
    const second = await start({ model: scriptedModel([{ text: "Done." }]), tools, store });
    await held();
    const after = await second.watch(before.id);
    const answered = after.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    release();
    await answered;
    expect(await after.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["a"]);
  });
});

describe("a run that is cancelled", () => {
  it("while it is being taken up ends cancelled, once", async () => {
    const { store, hold, held } = holding(openInMemoryStore(), "rules.list");
    const never = new Promise<void>(() => undefined);
    const model = scriptedModel(({ messages }) => ({
      text: JSON.stringify(messages.at(-1)).includes("and then") ? "Answered." : [never],
    }));
    const harness = await start({ model, store });
    const session = await harness.session();
    const release = hold();
    const runId = await session.say("go");
    await held();
    const cancelled = session.command("run-cancel", { runId });
    setImmediate(release);
    await cancelled;
    expect(await session.ended(runId)).toMatchObject({ type: "run-cancelled" });
    await session.ended(await session.say("and then"));
    const ends = session.events.filter((event) => event.runId === runId && event.type.startsWith("run-"));
    expect(ends.map(({ type }) => type).filter((type) => /completed|failed|cancelled/.test(type))).toEqual(["run-cancelled"]);
  });

  it("leaves an effect unknown that did not tell how it ended, and does not call it cancelled", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    closers.push(() => vi.useRealTimers());
    const began = deferred();
    const deaf = changing([], () => (began.resolve(), new Promise(() => undefined)));
    const harness = await start({ model: scriptedModel([{ text: plan('1. change("a")') }]), tools: [deaf] });
    const session = await harness.session();
    const runId = await session.say("go");
    const { data } = await session.until("approval-requested");
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    await began.promise;
    await session.command("run-cancel", { runId });
    await vi.advanceTimersByTimeAsync(5000);
    await session.ended(runId);
    expect(session.all("todo-unknown").map((event) => event.data)).toEqual([
      { todoId: "t1", known: "It was told to stop and did not report its end: it may have happened in part." },
    ]);
    expect(session.all("todo-cancelled")).toEqual([]);
    expect((await harness.store.todos.list(runId)).map(({ status }) => status)).toEqual(["unknown"]);
  });
});

it("a session that is deleted takes up none of the messages that wait in it, and nothing is logged as failed", async () => {
  const warned: string[] = [];
  const log = { warn: (_fields: unknown, text: string) => void warned.push(text) };
  const model = scriptedModel([{ text: [new Promise<void>(() => undefined)] }]);
  const harness = await start({ model, log, store: lateStore(openInMemoryStore(), () => 5) });
  const session = await harness.session();
  await session.say("one");
  await session.until("turn-started");
  await session.say("two");
  await session.command("session-delete", {});
  await harness.close();
  expect(warned).toEqual([]);
  expect(model.requests).toHaveLength(1);
  expect(session.all("run-started")).toHaveLength(1);
});
