import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { type AnyTool, ToolError, builtInTools, defineTool } from "../../tools/index.ts";
import { type HarnessOptions, deferred, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { dyingStore } from "./dying-store.fixture.ts";
import { engines } from "./engines.fixture.ts";
import { changing, echo, handClock, plan } from "./scene.fixture.ts";

const { folder, start } = engines();
const never = new Promise<void>(() => undefined);

/** An engine that can be killed, and one that goes on after it. */
function twoProcesses(options: Partial<HarnessOptions> = {}) {
  const store = openInMemoryStore();
  const process = dyingStore(store);
  const common = { workspaces: folder.workspaces, ...options };
  return {
    store,
    kill: () => process.arm(0),
    first: (more: HarnessOptions) => startEngine({ ...common, ...more, store: process.store }),
    second: (more: HarnessOptions) => start({ ...common, ...more, store }),
  };
}

const slow = { critical: [], integrity: "system", undoable: false, timeoutMs: 60_000, output: z.null() } as const;

/** Never ends by itself, and not when it is told to either. */
function deaf(effects: readonly ("read" | "write")[], began: () => void, ends: () => boolean): AnyTool {
  return defineTool({
    ...slow,
    name: "deaf",
    description: "Does not listen.",
    effects,
    input: z.object({ what: z.string() }),
    run: async () => {
      began();
      return ends() ? null : never.then(() => null);
    },
  });
}

describe("an answer that was being written", () => {
  it("closes with all of its text when the server is shut down, and the next turn is told that it broke off", async () => {
    const { store, second } = twoProcesses();
    const first = await startEngine({ store, model: scriptedModel([{ text: ["Half of ", "an answer", never] }]) });
    const before = await first.session();
    const runId = await before.say("go");
    await expect.poll(() => before.frames.some((frame) => frame.type === "delta" && frame.text.includes("answer"))).toBe(true);
    await first.close();

    const model = scriptedModel([{ text: "Done." }]);
    const after = await (await second({ model })).watch(before.id);
    await after.ended(runId);
    expect(after.all("part-closed")[0]?.data).toMatchObject({ text: "Half of an answer", cut: true });
    expect(JSON.stringify(model.requests[0]?.messages)).toMatch(/Half of an answer.*Your last answer broke off/);
  });

  it("keeps after a kill what was kept of it by then, and says that it broke off", async () => {
    const clock = handClock();
    const { first, second, kill } = twoProcesses({ clock });
    const more = deferred();
    const text = ["Long ago.", more.promise, " Lately.", never];
    const dying = await first({ model: scriptedModel([{ text }]) });
    const before = await dying.session();
    const runId = await before.say("go");
    await before.until("part-opened");
    clock.turn(6000);
    more.resolve();
    await expect.poll(() => before.frames.some((frame) => frame.type === "delta" && frame.text.includes("Lately"))).toBe(true);
    await wait(5);
    kill();

    const model = scriptedModel([{ text: "Done." }]);
    const after = await (await second({ model })).watch(before.id);
    await after.ended(runId);
    expect(after.all("part-closed")[0]?.data).toMatchObject({ text: "Long ago. Lately.", cut: true });
    expect(JSON.stringify(model.requests[0]?.messages)).toMatch(/Long ago\. Lately\..*Your last answer broke off/);
  });

  it("that had made native calls is told to the provider as such again", async () => {
    const { first, second, kill } = twoProcesses({ tools: [echo], defaultPlanFormat: "tools" });
    const calls = [{ id: "c1", name: "echo", arguments: { value: "x" } }];
    const dying = await first({ model: scriptedModel([{ text: "I will look.", calls }, { text: [never] }]) });
    const before = await dying.session();
    const runId = await before.say("go");
    await before.until("turn-started", ({ data }) => data.turn === 2);
    kill();

    const model = scriptedModel([{ text: "Done." }]);
    const after = await (await second({ model })).watch(before.id);
    await after.ended(runId);
    const messages = model.requests[0]?.messages ?? [];
    expect(messages.find(({ role }) => role === "assistant")).toMatchObject({
      text: "I will look.",
      calls: [{ id: "t1", name: "echo", argumentsText: '{"value":"x"}' }],
    });
    expect(messages.find(({ role }) => role === "tool")).toMatchObject({ callId: "t1" });
  });
});

describe("what a person said to a todo", () => {
  it.each([
    ["a read is cancelled", ["read"], "todo-cancelled", "The user stopped it"],
    ["an effect is unknown, with that", ["write"], "todo-unknown", "You had told it to stop"],
  ] as const)("stop stays said when the process dies before the tool ends: %s", async (_, effects, type, words) => {
    const { store, first, second, kill } = twoProcesses();
    const began = deferred();
    const dying = await first({
      tools: [deaf(effects, began.resolve, () => false)],
      model: scriptedModel([{ text: plan('1. deaf("a")') }]),
    });
    const before = await dying.session();
    const runId = await before.say("go");
    if (effects[0] === "write") {
      const { data } = await before.until("approval-requested");
      await before.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    }
    await began.promise;
    await before.command("todo-cancel", { runId, todoId: "t1" });
    kill();

    const after = await (
      await second({
        tools: [
          deaf(
            effects,
            () => undefined,
            () => true,
          ),
        ],
        model: scriptedModel([{ text: "Done." }]),
      })
    ).watch(before.id);
    const end = await after.until(type);
    expect(JSON.stringify(end.data)).toContain(words);
    expect((await store.todos.list(runId))[0]?.attempt).toBe(1);
  });

  it("try again stays said: the tries before it, and one that was interrupted, do not count", async () => {
    const { store, first, second, kill } = twoProcesses({ retries: { attempts: 2, firstDelayMs: 0, maxDelayMs: 0 } });
    const tries = { before: 0, after: 0 };
    const flaky = (run: () => Promise<null>): AnyTool =>
      defineTool({ ...slow, name: "flaky", description: "Fails.", effects: ["read"], input: z.object({}), run });
    const away = new ToolError("away", "It is away.", { retryable: true });
    const third = deferred();
    const failing = flaky(async () => {
      tries.before += 1;
      if (tries.before < 3) throw away;
      third.resolve();
      return never.then(() => null);
    });
    const dying = await first({ tools: [failing], model: scriptedModel([{ text: plan("1. flaky()") }, { text: [never] }]) });
    const before = await dying.session();
    const runId = await before.say("go");
    await before.until("todo-failed");
    await before.until("turn-started", ({ data }) => data.turn === 2);
    await before.command("todo-retry", { runId, todoId: "t1" });
    await third.promise;
    kill();

    const dead = scriptedModel([{ text: "Done." }, { text: "Done." }]);
    const once = flaky(async () => {
      tries.after += 1;
      if (tries.after === 1) throw away;
      return null;
    });
    const after = await (await second({ tools: [once], model: dead })).watch(before.id);
    await after.ended(runId);
    expect(tries).toEqual({ before: 3, after: 2 });
    expect((await store.todos.list(runId))[0]?.status).toBe("completed");
  });
});

describe("an effect that may be done again", () => {
  it("goes on with its tries after a restart without asking again", async () => {
    const { first, second, kill } = twoProcesses({ retries: { attempts: 3, firstDelayMs: 50, maxDelayMs: 50, random: () => 1 } });
    const ledger: string[] = [];
    const flaky = (works: boolean): AnyTool => ({
      ...changing(ledger),
      idempotent: true,
      run: async () => {
        ledger.push(works ? "works" : "fails");
        if (works) return { changed: "a" };
        throw new ToolError("away", "It is away.", { retryable: true });
      },
    });
    const dying = await first({ tools: [flaky(false)], model: scriptedModel([{ text: plan('1. change("a")') }]) });
    const before = await dying.session();
    const runId = await before.say("go");
    const { data } = await before.until("approval-requested");
    await before.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    await before.until("todo-retried");
    kill();

    const after = await (await second({ tools: [flaky(true)], model: scriptedModel([{ text: "Done." }]) })).watch(before.id);
    expect(await after.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(after.all("approval-requested")).toHaveLength(1);
    expect(ledger).toEqual(["fails", "works"]);
  });
});

describe("what was kept of a file for undoing", () => {
  it("goes when the file could not be changed after all", async () => {
    folder.write("a.txt", "old\n");
    const [write] = builtInTools({ only: ["file_write"] });
    if (write === undefined) throw new Error("there is no file_write");
    const full: AnyTool = {
      ...write,
      run: (args, call) =>
        write.run(args, {
          ...call,
          checkpoint: async (...kept) => {
            await call.checkpoint(...kept);
            throw new ToolError("disk_full", "The disk is full.");
          },
        }),
    };
    const harness = await start({
      tools: [full],
      model: scriptedModel([{ text: plan('1. file_write("a.txt", "new")') }, { text: "Done." }]),
      defaultMode: "workspace",
      workspaces: folder.workspaces,
    });
    const session = await harness.session();
    const runId = await session.say("go");
    await session.ended(runId);
    expect(session.all("todo-failed")).toHaveLength(1);
    expect(session.all("checkpoint-created")).toHaveLength(1);
    expect(session.all("checkpoint-dropped").map(({ data }) => data)).toEqual([{ todoId: "t1", path: "a.txt" }]);
    expect(await harness.store.checkpoints.list(runId)).toEqual([]);
  });
});
