import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { type AnyTool, type Tool, ToolError, defineTool } from "../../tools/index.ts";
import { type EngineHarness, type HarnessOptions, type WatchedSession, deferred, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { echo, plan, projectFolder } from "./scene.fixture.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});
const folder = projectFolder();
afterAll(() => folder.remove());

const input = z.object({ value: z.string().optional() });
const output = z.object({ value: z.string() });

function breakDown(message: string): never {
  throw new Error(message);
}

const soon = { firstDelayMs: 1, maxDelayMs: 5 };

async function start(options: HarnessOptions): Promise<EngineHarness> {
  const harness = await startEngine({ workspaces: folder.workspaces, retries: soon, ...options });
  closers.push(() => harness.close());
  return harness;
}

function bad(
  run: Tool<typeof input, typeof output>["run"],
  own: Partial<Pick<Tool, "effects" | "idempotent" | "timeoutMs" | "silentAfterMs">> = {},
): AnyTool {
  return defineTool({
    name: "bad",
    description: "Behaves badly.",
    effects: ["read"],
    critical: [],
    integrity: "system",
    idempotent: true,
    undoable: false,
    timeoutMs: 10_000,
    input,
    output,
    run,
    ...own,
  });
}

const away = () => Promise.reject(new ToolError("away", "It is away.", { retryable: true }));

/** A plan with one bad todo, one that needs it, and one that does not; and how it ended. */
async function runWith(tool: AnyTool, options: Partial<HarnessOptions> = {}): Promise<WatchedSession> {
  const model = scriptedModel([{ text: plan("1. bad()", "2. echo($1.value)", '3. echo("c")') }, { text: "ok" }]);
  const harness = await start({ model, tools: [tool, echo], ...options });
  const session = await harness.session();
  expect(await session.ended(await session.say("go"))).toMatchObject({ type: "run-completed", data: { stopReason: "end_turn" } });
  expect(session.all("todo-completed").map(({ data }) => data.todoId)).toContain("t3");
  return session;
}

function errorOf(session: WatchedSession): unknown {
  expect(session.all("todo-skipped").map(({ data }) => data)).toEqual([{ todoId: "t2", reason: "It needs t1, which failed." }]);
  return session.all("todo-failed").map(({ data }) => data.error)[0];
}

describe("a tool", () => {
  it("that throws, also at once and something that is no error, fails its todo", async () => {
    const thrower = bad(() => {
      // oxlint-disable-next-line typescript/only-throw-error -- what a bad tool may do
      throw "nothing";
    });
    expect(errorOf(await runWith(thrower))).toEqual({ code: "tool_broken", message: "The tool broke: nothing" });
  });

  it("that returns what its schema forbids fails its todo", async () => {
    const error = errorOf(await runWith(bad(() => Promise.resolve(JSON.parse('{"value":7}')))));
    expect(error).toMatchObject({ code: "tool_broken" });
  });

  it("that cannot say what it touches, or breaks over its arguments, fails its todo and nothing else", async () => {
    const touching = { ...bad(() => Promise.resolve({ value: "x" })), touches: () => breakDown("no") };
    expect(errorOf(await runWith(touching))).toMatchObject({ code: "gate_failed" });
    const broken = { ...bad(() => Promise.resolve({ value: "x" })), input: input.refine(() => breakDown("refined")) };
    expect(errorOf(await runWith(broken))).toMatchObject({ code: "bad_arguments" });
  });

  it("that hangs is stopped at its deadline, tried once more if it is a read, and fails", async () => {
    let runs = 0;
    const hanging = bad(
      (_args, { signal }) => {
        runs += 1;
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
      },
      { timeoutMs: 20 },
    );
    const session = await runWith(hanging);
    expect(errorOf(session)).toEqual({ code: "timeout", message: "bad took longer than 0 s and was stopped." });
    expect(runs).toBe(2);
  });

  it("that ignores being stopped is given up after a grace, and not tried again", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    closers.push(() => vi.useRealTimers());
    const started = deferred();
    const deaf = bad(() => (started.resolve(), new Promise(() => undefined)), { timeoutMs: 1000, silentAfterMs: 60_000 });
    const ended = runWith(deaf);
    await started.promise;
    await vi.advanceTimersByTimeAsync(6000);
    expect(errorOf(await ended)).toEqual({
      code: "timeout",
      message: "bad took longer than 1 s and was stopped. It did not stop when told to.",
      retryable: false,
    });
  });

  it("that has no sensible deadline still has one", async () => {
    const session = await runWith(bad(() => Promise.resolve({ value: "x" }), { timeoutMs: Infinity }));
    expect(session.all("todo-completed")).toHaveLength(3);
  });

  it("that floods the people with news is heard as often as they can follow, its last words included", async () => {
    const flooding = bad(async (_args, call) => {
      for (let count = 0; count < 20_000; count++) call.progress({ count });
      return { value: "done" };
    });
    const session = await runWith(flooding);
    const heard = session.frames.filter((frame) => frame.type === "progress");
    expect(heard.length).toBeLessThan(50);
    expect(heard.at(-1)).toMatchObject({ data: { count: 19_999 } });
  });

  it("that says nothing for long is told of, and again when it speaks", async () => {
    const gate = deferred();
    const shy = bad(
      async (_args, call) => {
        await gate.promise;
        call.progress({});
        return { value: "x" };
      },
      { silentAfterMs: 5 },
    );
    const model = scriptedModel([{ text: plan("1. bad()") }, { text: "ok" }]);
    const harness = await start({ model, tools: [shy] });
    const session = await harness.session();
    const runId = await session.say("go");
    await session.until("todo-silent");
    gate.resolve();
    await session.until("todo-silent", ({ data }) => data.seconds === 0);
    await session.ended(runId);
  });
});

describe("a failure that may pass", () => {
  it("of an idempotent tool is tried again with the same key, and shows while it waits", async () => {
    const keys: string[] = [];
    const flaky = bad(async (_args, { idempotencyKey }) => {
      keys.push(idempotencyKey);
      return keys.length < 3 ? away() : { value: "x" };
    });
    const session = await runWith(flaky);
    expect(new Set(keys).size).toBe(1);
    const error = { code: "away", message: "It is away.", retryable: true };
    expect(session.all("todo-retried").map(({ data: { delayMs, ...data } }) => [data, delayMs > 0])).toEqual([
      [{ todoId: "t1", attempt: 1, error }, true],
      [{ todoId: "t1", attempt: 2, error }, true],
    ]);
    const attempts = session.all("todo-started").filter(({ data }) => data.todoId === "t1");
    expect(attempts.map(({ data }) => data.attempt)).toEqual([1, 2, 3]);
    expect(session.all("approval-requested")).toEqual([]);
    expect(session.all("run-waiting")).toEqual([]);
  });

  it("that does not pass fails at the third attempt", async () => {
    const session = await runWith(bad(away));
    expect(errorOf(session)).toEqual({ code: "away", message: "It is away.", retryable: true });
    expect(session.all("todo-retried")).toHaveLength(2);
  });

  it("of a tool that is not idempotent is not tried again", async () => {
    const session = await runWith(bad(away, { idempotent: false }));
    expect(errorOf(session)).toMatchObject({ code: "away" });
    expect(session.all("todo-retried")).toEqual([]);
  });

  it("of an effect is tried again on the approval it had", async () => {
    let runs = 0;
    const sending = bad(() => (runs++ === 0 ? away() : Promise.resolve({ value: "sent" })), { effects: ["egress"] });
    const model = scriptedModel([{ text: plan("1. bad()") }, { text: "ok" }]);
    const harness = await start({ model, tools: [sending] });
    const session = await harness.session();
    const runId = await session.say("go");
    const { data } = await session.until("approval-requested");
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    await session.ended(runId);
    expect(session.all("approval-requested")).toHaveLength(1);
    expect(session.all("todo-completed")).toHaveLength(1);
    expect(runs).toBe(2);
  });

  it("can be stopped while it waits, the todo alone or the whole run", async () => {
    const model = scriptedModel([{ text: plan('1. bad("a")', '2. bad("b")') }, { text: "never" }]);
    const retries = { firstDelayMs: 60_000, maxDelayMs: 60_000 };
    const harness = await start({ model, tools: [bad(away)], retries });
    const session = await harness.session();
    const runId = await session.say("go");
    await session.until("todo-retried", ({ data }) => data.todoId === "t1");
    await session.until("todo-retried", ({ data }) => data.todoId === "t2");
    await session.command("todo-cancel", { runId, todoId: "t1" });
    expect((await session.until("todo-cancelled")).data).toEqual({ todoId: "t1", reason: "The user stopped it." });
    await session.command("run-cancel", { runId });
    expect(await session.ended(runId)).toMatchObject({ type: "run-cancelled" });
    expect(session.all("todo-started")).toHaveLength(2);
  });

  it("after a shutdown in the middle of the wait is tried again by the next process", async () => {
    const retries = { firstDelayMs: 60_000, maxDelayMs: 60_000 };
    const first = await startEngine({ model: scriptedModel([{ text: plan("1. bad()") }]), tools: [bad(away)], retries });
    const before = await first.session();
    const runId = await before.say("go");
    await before.until("todo-retried");
    await before.until("turn-completed");
    await first.close();
    const well = bad(() => Promise.resolve({ value: "x" }));
    const second = await start({ store: first.store, model: scriptedModel([{ text: "ok" }]), tools: [well] });
    const after = await second.watch(before.id);
    expect(await after.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(after.all("todo-started").map(({ data }) => data.attempt)).toEqual([1, 2]);
  });
});
