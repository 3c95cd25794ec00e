import { afterEach, describe, expect, it } from "vitest";
import type { ModelPart } from "../../llm-provider/index.ts";
import { type EngineHarness, type HarnessOptions, type WatchedSession, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { changing, echo, handClock, plan, projectFolder } from "./scene.fixture.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(options: HarnessOptions): Promise<EngineHarness> {
  const harness = await startEngine(options);
  closers.push(() => harness.close());
  return harness;
}

/** The open question after the one at `after`, answered; resolves with its text. */
async function goOn(
  session: WatchedSession,
  after = 0,
): Promise<{ readonly question: string | undefined; readonly seq: number }> {
  const { data, seq } = await session.until("approval-requested", (event) => event.seq > after);
  expect(data).toMatchObject({ kind: "budget", todos: [] });
  await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
  return { question: data.question, seq };
}

describe("a run that has used up a limit pauses before its next model call", () => {
  it("of todos, and may then use as many again, however far it had gone over", async () => {
    const first = plan('1. echo("a")', '2. echo("b")', '3. echo("c")', '4. echo("d")', '5. echo("e")');
    const model = scriptedModel([
      { text: first },
      { text: plan('6. echo("f")') },
      { text: plan('7. echo("g")') },
      { text: "Done." },
    ]);
    const harness = await start({ model, tools: [echo], limits: { todos: 2 } });
    const session = await harness.session();
    const runId = await session.say("go");
    const one = await goOn(session);
    expect(one.question).toBe("This run has reached its limit of 2 todos: it has made 5. Go on with 2 more?");
    const two = await goOn(session, one.seq);
    expect(two.question).toBe("This run has reached its limit of 7 todos: it has made 7. Go on with 2 more?");
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed", data: { stopReason: "end_turn" } });
    expect(session.all("budget-reached").map(({ data }) => data)).toEqual([
      { budget: "todos", limit: 2, used: 5 },
      { budget: "todos", limit: 7, used: 7 },
    ]);
  });

  it("of tokens", async () => {
    const usage = { inputTokens: 1400, outputTokens: 100 };
    const model = scriptedModel([
      { text: plan('1. echo("a")'), usage },
      { text: "Done.", usage },
    ]);
    const harness = await start({ model, tools: [echo], limits: { tokens: 1000 } });
    const session = await harness.session();
    const runId = await session.say("go");
    expect((await goOn(session)).question).toBe(
      "This run has reached its limit of 1,000 tokens: it has used 1,500. Go on with 1,000 more?",
    );
    expect(await session.ended(runId)).toMatchObject({
      type: "run-completed",
      data: { usage: { inputTokens: 2800, outputTokens: 200 } },
    });
  });

  it("of model calls", async () => {
    const model = scriptedModel([{ text: plan('1. echo("a")') }, { text: "Done." }]);
    const harness = await start({ model, tools: [echo], limits: { rounds: 1 } });
    const session = await harness.session();
    const runId = await session.say("go");
    expect((await goOn(session)).question).toBe(
      "This run has reached its limit of 1 model call: it has made 1. Go on with 1 more?",
    );
    await session.ended(runId);
  });

  it("of time, which does not go on while a person is asked", async () => {
    const clock = handClock();
    const folder = projectFolder();
    closers.push(() => folder.remove());
    const slow = changing([], async () => clock.turn(31 * 60_000));
    const model = scriptedModel([{ text: plan('1. change("a")') }, { text: "Done." }]);
    const harness = await start({ model, tools: [slow], workspaces: folder.workspaces, clock });
    const session = await harness.session();
    const runId = await session.say("go");
    const { data, seq } = await session.until("approval-requested");
    await session.until("run-waiting");
    clock.turn(3 * 60 * 60_000);
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    expect((await goOn(session, seq)).question).toBe(
      "This run has reached its limit of 30 minutes: it has worked for 31. Go on with 30 more?",
    );
    await session.ended(runId);
  });
});

it("a question about a limit that is refused ends the run with the reason budget, and its work stays", async () => {
  const model = scriptedModel([{ text: `Looking.\n${plan('1. echo("a")')}` }]);
  const harness = await start({ model, tools: [echo], limits: { rounds: 1 } });
  const session = await harness.session();
  const runId = await session.say("go");
  const { data } = await session.until("approval-requested");
  await session.command("approval-respond", { approvalId: data.approvalId, decision: "reject_once" });
  expect(await session.ended(runId)).toMatchObject({ type: "run-completed", data: { stopReason: "budget" } });
  expect(session.all("todo-completed")).toHaveLength(1);
  expect(session.all("message-completed").map((event) => event.data.text.trim())).toEqual(["Looking."]);
  model.assertComplete();
});

it("a run that is stopped while a limit asks is cancelled, and not out of budget", async () => {
  const harness = await start({ model: scriptedModel([{ text: plan('1. echo("a")') }]), tools: [echo], limits: { rounds: 1 } });
  const session = await harness.session();
  const runId = await session.say("go");
  await session.until("run-waiting");
  await session.command("run-cancel", { runId });
  expect(await session.ended(runId)).toMatchObject({ type: "run-cancelled" });
});

it("what a person adds while a limit asks waits for the answer, and is in the next turn", async () => {
  const model = scriptedModel([{ text: plan('1. echo("a")') }, { text: "Done." }]);
  const harness = await start({ model, tools: [echo], limits: { rounds: 1 } });
  const session = await harness.session();
  const runId = await session.say("go");
  await session.until("run-waiting");
  await session.command("run-steer", { runId, text: "And be brief." });
  await goOn(session);
  expect(await session.ended(runId)).toMatchObject({ type: "run-completed", data: { stopReason: "end_turn" } });
  expect(JSON.stringify(model.requests[1]?.messages)).toContain("And be brief.");
});

it("a plan that has no end is read up to the limit of todos, what it had begun is done, and the person is asked", async () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `${index + 1}. echo("${index}")\n`);
  const model = scriptedModel(({ messages }) => {
    if (messages.some(({ role }) => role === "assistant")) return { text: "Done." };
    return { text: ["```plan\n", ...lines] };
  });
  const harness = await start({ model, tools: [echo] });
  const session = await harness.session();
  const runId = await session.say("go");
  expect((await goOn(session)).question).toBe(
    "This run has reached its limit of 200 todos: it has made 200. Go on with 200 more?",
  );
  expect(await session.ended(runId)).toMatchObject({ type: "run-completed", data: { stopReason: "end_turn" } });
  expect(session.all("todo-completed")).toHaveLength(200);
});

it("an answer that has no end is read up to the limit of time, and stays as far as it came; the person is asked", async () => {
  const clock = handClock();
  async function* endless(): AsyncGenerator<readonly ModelPart[]> {
    for (;;) {
      clock.turn(60_000);
      await Promise.resolve();
      yield [{ type: "text", text: "and " }];
    }
  }
  const model = { ...scriptedModel([]), stream: endless };
  const harness = await start({ model, clock });
  const session = await harness.session();
  const runId = await session.say("go");
  const { approvalId, kind, question } = (await session.until("approval-requested")).data;
  expect([kind, question]).toEqual(["budget", expect.stringContaining("limit of 30 minutes")]);
  expect((await session.until("message-completed")).data.text).toBe("and ".repeat(30));
  await session.command("approval-respond", { approvalId, decision: "reject_once" });
  expect(await session.ended(runId)).toMatchObject({ type: "run-completed", data: { stopReason: "budget" } });
});
