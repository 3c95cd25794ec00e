import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { type Store, StoreError } from "../../persistence/index.ts";
import { type EngineHarness, type HarnessOptions, type WatchedSession, ada, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { dyingStore, leave } from "./dying-store.fixture.ts";
import { line } from "./joined-nodes.fixture.ts";
import { holding } from "./late-store.fixture.ts";
import { changing, handClock, plan, projectFolder } from "./scene.fixture.ts";

const hour = 60 * 60_000;
const week = 7 * 24 * hour;
const closers: (() => unknown)[] = [];
const folder = projectFolder();
afterAll(() => folder.remove());
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(options: Partial<HarnessOptions>): Promise<EngineHarness> {
  const harness = await startEngine({ model: scriptedModel([]), ...options });
  closers.push(() => harness.close());
  return harness;
}

const create = (harness: EngineHarness, id: string) => harness.command("session-create", {}, { id });
const isKept = async (store: Store, id: string): Promise<boolean> => (await store.commands.get(ada.id, id)) !== null;

describe("a repeated command", () => {
  it("is known for seven days, also to the next process, and then forgotten", async () => {
    const [store, clock] = [openInMemoryStore(), handClock()];
    const first = await start({ store, clock });
    const reply = await create(first, "the same");
    await first.close();
    clock.turn(week);
    const second = await start({ store, clock });
    expect(await create(second, "the same")).toEqual(reply);
    await second.close();
    clock.turn(1);
    const third = await start({ store, clock });
    await expect.poll(() => isKept(store, "the same")).toBe(false);
    expect(await create(third, "the same")).not.toEqual(reply);
  });

  it("is forgotten by a server that is never restarted, which a failure does not end", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    closers.push(() => vi.useRealTimers());
    const clock = handClock();
    const inner = openInMemoryStore();
    let failures = 1;
    const trim = (before: string): Promise<number> =>
      failures-- > 0 ? Promise.reject(new StoreError("unavailable", "Away.")) : inner.commands.trim(before);
    const store = { ...inner, commands: { ...inner.commands, trim } };
    const warn = vi.fn();
    const harness = await start({ store, clock, log: { warn } });
    await create(harness, "old");
    clock.turn(week + 1);
    await create(harness, "young");
    vi.advanceTimersByTime(hour);
    await expect.poll(() => isKept(store, "old")).toBe(false);
    expect(await isKept(store, "young")).toBe(true);
    expect(warn.mock.calls).toEqual([[{ error: "Away." }, "old commands could not be forgotten"]]);
    await harness.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

const twoChanges = (): Partial<HarnessOptions> => ({
  model: scriptedModel([{ text: plan('1. change("a")', '2. change("b")') }, { text: "Done." }]),
  tools: [changing([])],
  workspaces: folder.workspaces,
});

/** A card asks for both changes. */
async function asked(session: WatchedSession): Promise<string> {
  const runId = await session.say("go");
  await session.until("approval-requested");
  await session.until("run-waiting");
  return runId;
}

describe("what a person does to a run in memory", () => {
  it.each([
    ["todo-skip", (runId: string) => ({ runId, todoId: "t2" })],
    ["todo-edit", (runId: string) => ({ runId, todoId: "t2", args: { what: "c" } })],
    ["run-cancel", (runId: string) => ({ runId })],
  ] as const)("is known with its reply, or not at all, when the process dies at once: %s", async (type, dataFor) => {
    const inner = openInMemoryStore();
    const process = dyingStore(inner);
    const first = await startEngine({
      ...twoChanges(),
      model: scriptedModel([{ text: plan('1. change("a")', '2. change("b")') }]),
      store: process.store,
    });
    const before = await first.session();
    const runId = await asked(before);
    process.arm(1);
    leave(first.command(type, dataFor(runId), { sessionId: before.id, id: "once" }));
    await process.died;
    before.detach();
    const second = await start({ ...twoChanges(), store: inner });
    expect(await second.command(type, dataFor(runId), { sessionId: before.id, id: "once" })).toEqual({});
  });

  it("has its first reply also where another node carries it out in between", async () => {
    const inner = openInMemoryStore();
    const { store, hold, held } = holding(inner, "commands.get");
    const nodes = line();
    const options = { ...twoChanges(), timing: { parkAfterMs: 0, leaseMs: 600_000, beatMs: 600_000 } };
    const first = await start({ ...options, store: inner, cluster: nodes.node() });
    const second = await start({ ...options, store, cluster: nodes.node() });
    const session = await first.session();
    const runId = await asked(session);
    await expect.poll(async () => (await inner.runs.get(runId))?.owner).toBe(null);
    const approvalId = session.all("approval-requested")[0]?.data.approvalId ?? "";
    const answer = (node: EngineHarness) =>
      node.command("approval-respond", { approvalId, decision: "allow_once" }, { sessionId: session.id, id: "once" });
    const release = hold();
    const repeated = answer(second);
    await held();
    const reply = await answer(first);
    await session.ended(runId);
    release();
    expect(await repeated).toEqual(reply);
    expect(session.all("approval-resolved")).toHaveLength(1);
  });

  it("is written once the database is back, and its reply is there for who asks again", async () => {
    const inner = openInMemoryStore();
    const database = { down: false };
    const commit: Store["commit"] = (batch) =>
      database.down ? Promise.reject(new StoreError("unavailable", "Away.", { retryable: true })) : inner.commit(batch);
    const harness = await start({ ...twoChanges(), store: { ...inner, commit } });
    const session = await harness.session();
    const runId = await asked(session);
    const skip = () => harness.command("todo-skip", { runId, todoId: "t2" }, { sessionId: session.id, id: "once" });
    database.down = true;
    await expect(skip()).rejects.toMatchObject({ code: "unavailable", retryable: true });
    database.down = false;
    expect((await session.until("todo-skipped")).data.todoId).toBe("t2");
    expect(await skip()).toEqual({});
    expect(session.all("todo-skipped")).toHaveLength(1);
  });
});
