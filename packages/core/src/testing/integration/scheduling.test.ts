import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type AnyTool, type Tool, defineTool } from "../../tools/index.ts";
import { type WatchedSession, deferred } from "../engine-harness.ts";
import { engines } from "./engines.fixture.ts";
import { scriptedModel } from "../scripted-model.ts";
import { changing, plan } from "./scene.fixture.ts";

const { start } = engines();

/** A read of a file that does what the test says. */
function look(
  own: Partial<Pick<Tool, "name" | "concurrency">> = {},
  meanwhile: () => Promise<unknown> = () => Promise.resolve(),
): AnyTool {
  return defineTool({
    name: "look",
    description: "Looks at a file.",
    effects: ["read"],
    critical: [],
    integrity: "system",
    idempotent: true,
    undoable: false,
    timeoutMs: 10_000,
    input: z.object({ file: z.string(), with: z.unknown().optional() }),
    output: z.object({ file: z.string() }),
    touches: ({ file }) => ({ reads: [file], writes: [] }),
    run: async ({ file }) => {
      await meanwhile();
      return { file };
    },
    ...own,
  });
}

function hasPlanned(messages: readonly { readonly role: string }[]): boolean {
  return messages.some(({ role }) => role === "assistant");
}

function startedIn(session: WatchedSession): readonly string[] {
  return session.all("todo-started").map(({ data }) => data.todoId);
}

describe("where not all that could start have a place", () => {
  it("the head of the longest chain starts first, and what is equal in the order of the lines", async () => {
    const lines = ['1. look("a")', '2. look("b")', '3. look("c")', '4. look("d", with: $3)', '5. look("e", with: $4)'];
    const model = scriptedModel([{ text: plan(...lines) }, { text: "ok" }]);
    const harness = await start({ model, tools: [look()], concurrency: 1 });
    const session = await harness.session();
    await session.ended(await session.say("go"));
    expect(startedIn(session)).toEqual(["t3", "t4", "t1", "t2", "t5"]);
  });

  it("a read that a command waits for is ahead of one that nobody waits for", async () => {
    const lines = ['1. look("a")', '2. look("b")', '3. change("c", text: $2.file)'];
    const model = scriptedModel([{ text: plan(...lines) }, { text: "ok" }]);
    const harness = await start({ model, tools: [look(), changing([])], concurrency: 1 });
    const session = await harness.session();
    await session.say("go");
    await session.until("approval-requested");
    expect(startedIn(session)).toEqual(["t2", "t1"]);
  });
});

/** How many calls ran at once at most, and lets them all end. */
function counting() {
  const gate = deferred();
  const state = { now: 0, most: 0, total: 0 };
  const count = async (): Promise<void> => {
    state.now += 1;
    state.total += 1;
    state.most = Math.max(state.most, state.now);
    await gate.promise;
    // One turn of the loop, so that those that start next overlap if they may.
    await new Promise((resolve) => setImmediate(resolve));
    state.now -= 1;
  };
  return { state, count, open: gate.resolve };
}

const many = (tool: string, count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, index) => `${from + index}. ${tool}("f${index}")`);

describe("never more tools run at the same time", () => {
  it("than a run may have; the others stay pending until there is a place", async () => {
    const { state, count, open } = counting();
    const model = scriptedModel([{ text: plan(...many("look", 12)) }, { text: "ok" }]);
    const harness = await start({ model, tools: [look({}, count)], concurrency: 3 });
    const session = await harness.session();
    const runId = await session.say("go");
    await session.until("turn-completed");
    expect(startedIn(session)).toHaveLength(3);
    const statuses = async () => (await harness.store.todos.list(runId)).map(({ status }) => status);
    expect((await statuses()).filter((status) => status === "pending")).toHaveLength(9);
    open();
    await session.ended(runId);
    expect(state).toMatchObject({ most: 3, total: 12 });
    expect(session.all("run-waiting")).toEqual([]);
  });

  it("than their tool allows, and others are not kept waiting by it", async () => {
    const narrow = counting();
    const lines = [...many("narrow", 4), ...many("look", 4, 5)];
    const model = scriptedModel(({ messages }) => ({ text: hasPlanned(messages) ? "ok" : plan(...lines) }));
    const tools = [look({ name: "narrow", concurrency: 2 }, narrow.count), look()];
    const harness = await start({ model, tools });
    const sessions = [await harness.session(), await harness.session()];
    const runs = await Promise.all(sessions.map((session) => session.say("go")));
    for (const session of sessions) await session.until("todo-completed", ({ data }) => data.todoId === "t8");
    expect(narrow.state.now).toBe(2);
    narrow.open();
    for (const [index, session] of sessions.entries()) await session.ended(runs[index] ?? "");
    expect(narrow.state).toMatchObject({ most: 2, total: 8 });
  });

  it("than the node has places, and a run with many todos does not starve another", async () => {
    const { state, count, open } = counting();
    const model = scriptedModel(({ messages }) => {
      const said = JSON.stringify(messages);
      return { text: hasPlanned(messages) ? "ok" : plan(...many("look", said.includes("a lot") ? 40 : 2)) };
    });
    const harness = await start({ model, tools: [look({}, count)], concurrency: 100, nodeConcurrency: 2 });
    const greedy = await harness.session();
    const modest = await harness.session();
    const first = await greedy.say("a lot");
    await greedy.until("turn-completed");
    const second = await modest.say("a little");
    await modest.until("turn-completed");
    open();
    await modest.ended(second);
    expect(greedy.all("todo-completed").length).toBeLessThan(15);
    await greedy.ended(first);
    expect(state).toMatchObject({ most: 2, total: 42 });
  });
});

describe("a run that waits for a place", () => {
  it("is stopped at once, and takes no place that comes free later", async () => {
    const { state, count, open } = counting();
    const model = scriptedModel(({ messages }) => ({
      text: hasPlanned(messages) ? "ok" : plan(...many("look", 2)),
    }));
    const harness = await start({ model, tools: [look({}, count)], nodeConcurrency: 2 });
    const [busy, late, third] = [await harness.session(), await harness.session(), await harness.session()];
    const first = await busy.say("go");
    await busy.until("turn-completed");
    const waiting = await late.say("go");
    await late.until("turn-completed");
    const last = await third.say("go");
    await third.until("turn-completed");
    await late.command("run-cancel", { runId: waiting });
    expect(await late.ended(waiting)).toMatchObject({ type: "run-cancelled" });
    expect(startedIn(late)).toEqual([]);
    open();
    expect(await busy.ended(first)).toMatchObject({ type: "run-completed" });
    expect(await third.ended(last)).toMatchObject({ type: "run-completed" });
    expect(state.total).toBe(4);
  });
});

describe("while an approval is open", () => {
  it("reads that do not depend on the effect go on, also those written behind it", async () => {
    const ledger: string[] = [];
    const lines = [
      '1. change("a")',
      '2. look("b")',
      '3. look("a")',
      '4. look("c", with: $2.file)',
      '5. look("d", with: $1.changed)',
    ];
    const model = scriptedModel([{ text: plan(...lines) }, { text: "ok" }]);
    const harness = await start({ model, tools: [look(), changing(ledger)] });
    const session = await harness.session();
    const runId = await session.say("go");
    const card = await session.until("approval-requested");
    await session.until("todo-completed", ({ data }) => data.todoId === "t4");
    await session.until("run-waiting");
    expect(session.all("todo-completed").map(({ data }) => data.todoId)).toEqual(["t2", "t4"]);
    expect((await session.until("todo-updated", ({ data }) => data.todoId === "t3")).data.dependsOn).toEqual(["t1"]);
    await session.command("approval-respond", { approvalId: card.data.approvalId, decision: "allow_once" });
    await session.ended(runId);
    const order = session.events.flatMap((event) =>
      "todoId" in event.data && /started|completed/.test(event.type) ? [`${event.type} ${event.data.todoId}`] : [],
    );
    expect(order.indexOf("todo-completed t1")).toBeLessThan(order.indexOf("todo-started t3"));
    expect(ledger).toEqual(["a"]);
  });
});

describe("the same call", () => {
  it("of a read is paused at the third time, also over several turns", async () => {
    const again = { text: plan('1. look("a")') };
    const model = scriptedModel([again, again, again, { text: "ok" }]);
    const harness = await start({ model, tools: [look()] });
    const session = await harness.session();
    const runId = await session.say("go");
    const card = await session.until("approval-requested");
    expect(card.data).toMatchObject({ kind: "repeat", todos: [{ todoId: "t3" }] });
    expect(session.all("todo-completed")).toHaveLength(2);
    await session.command("approval-respond", { approvalId: card.data.approvalId, decision: "reject_once" });
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
  });

  it("planned over and over with other words ends in a question about model calls", async () => {
    let turns = 0;
    const model = scriptedModel(() => ({ text: plan(`1. look("f${turns++}")`) }));
    const harness = await start({ model, tools: [look()] });
    const session = await harness.session();
    const runId = await session.say("go");
    const pause = await session.until("approval-requested");
    expect(pause.data).toMatchObject({ kind: "budget", question: expect.stringContaining("25 model calls") as unknown });
    expect(turns).toBe(25);
    await session.command("approval-respond", { approvalId: pause.data.approvalId, decision: "reject_once" });
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed", data: { stopReason: "budget" } });
  });
});
