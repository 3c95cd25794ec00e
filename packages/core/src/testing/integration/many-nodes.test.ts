import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type AnyTool, defineTool } from "../../tools/index.ts";
import { deferred } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { testNodes } from "./nodes.fixture.ts";
import { changing, plan, projectFolder } from "./scene.fixture.ts";

const nodes = await testNodes();
const folder = projectFolder();
afterAll(() => folder.remove());
const slowMs = 60_000;
/** No test may depend on a lease that ends. */
const longLease = { leaseMs: 60_000 } as const;

/** A read that ends when the test lets it. */
function held(): {
  readonly tool: AnyTool;
  readonly began: Promise<void>;
  readonly release: () => void;
  readonly runs: () => number;
} {
  const began = deferred();
  const end = deferred();
  let runs = 0;
  const tool = defineTool({
    name: "held",
    description: "Waits.",
    effects: ["read"],
    input: z.object({ value: z.string() }),
    output: z.object({ value: z.string() }),
    run: async ({ value }, { signal }) => {
      runs++;
      began.resolve();
      const stopped = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
      await Promise.race([end.promise, stopped]);
      return { value };
    },
  });
  return { tool, began: began.promise, release: end.resolve, runs: () => runs };
}

const answering = (...texts: readonly string[]) => scriptedModel(texts.map((text) => ({ text })));
const silent = () => answering();

describe.skipIf(!nodes.present)("two nodes on one database", () => {
  it("carry out what is said to one node where the run is", { timeout: slowMs }, async () => {
    const { tool, began, release } = held();
    const model = answering(plan('1. held("a")'), "Done.");
    const first = await nodes.start({ model, tools: [tool], timing: longLease });
    const session = await first.session();
    const runId = await session.say("go");
    await began;
    const second = await nodes.start({ model: silent(), tools: [tool], timing: longLease });
    const there = { sessionId: session.id };
    await second.command("run-steer", { runId, text: "and briefly" }, there);
    await expect(second.command("todo-skip", { runId, todoId: "t1" }, there)).rejects.toMatchObject({
      code: "conflict",
      message: "It is running already; stop it instead.",
    });
    release();
    await session.ended(runId);
    const [, after] = model.requests;
    expect(JSON.stringify(after?.messages)).toContain("and briefly");
  });

  it("stop a run from the other node, together with its tools", { timeout: slowMs }, async () => {
    const { tool, began } = held();
    const first = await nodes.start({ model: answering(plan('1. held("a")')), tools: [tool], timing: longLease });
    const session = await first.session();
    const runId = await session.say("go");
    await began;
    const second = await nodes.start({ model: silent(), tools: [tool], timing: longLease });
    await second.command("run-cancel", { runId }, { sessionId: session.id });
    expect(await session.ended(runId)).toMatchObject({ type: "run-cancelled" });
  });

  it("give a command that is repeated at another node its first reply", { timeout: slowMs }, async () => {
    const { tool, began, release } = held();
    const model = answering(plan('1. held("a")'), "Done.", "Second.");
    const first = await nodes.start({ model, tools: [tool], timing: longLease });
    const session = await first.session();
    const runId = await session.say("go");
    await began;
    const second = await nodes.start({ model: silent(), tools: [tool], timing: longLease });
    const once = { sessionId: session.id, id: "the-same" };
    const reply = await second.command("message-send", { text: "more" }, once);
    expect(await first.command("message-send", { text: "more" }, once)).toEqual(reply);
    release();
    await session.ended(runId);
    await session.ended(reply.runId);
    expect(session.all("message-received")).toHaveLength(2);
  });

  it("let the first of two answers win, given to both at once", { timeout: slowMs }, async () => {
    const ledger: string[] = [];
    const tool = changing(ledger);
    const first = await nodes.start({
      model: answering(plan('1. change("a")'), "Done."),
      tools: [tool],
      timing: longLease,
      workspaces: folder.workspaces,
    });
    const session = await first.session();
    const runId = await session.say("go");
    const { data } = await session.until("approval-requested");
    const second = await nodes.start({ model: silent(), tools: [tool], timing: longLease });
    const answer = (node: typeof first, decision: "allow_once" | "reject_once") =>
      node.command("approval-respond", { approvalId: data.approvalId, decision }, { sessionId: session.id });
    const answers = await Promise.allSettled([answer(first, "allow_once"), answer(second, "reject_once")]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await session.ended(runId);
    expect(session.all("approval-resolved")).toHaveLength(1);
    expect(ledger).toEqual(answers[0]?.status === "fulfilled" ? ["a"] : []);
  });

  it("put a run down that waits for a person, and go on with it where the answer is given", { timeout: slowMs }, async () => {
    const ledger: string[] = [];
    const tool = changing(ledger);
    const { workspaces } = folder;
    const timing = { ...longLease, parkAfterMs: 0 };
    const first = await nodes.start({ model: answering(plan('1. change("a")')), tools: [tool], timing, workspaces });
    const session = await first.session();
    const runId = await session.say("go");
    const { data } = await session.until("approval-requested");
    await expect.poll(async () => (await first.store.runs.get(runId))?.owner, { timeout: slowMs }).toBe(null);
    expect(await first.store.runs.get(runId)).toMatchObject({ status: "waiting" });
    const second = await nodes.start({ model: answering("Done."), tools: [tool], timing, workspaces });
    const there = await second.watch(session.id);
    await there.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    expect(await there.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["a"]);
    expect(there.all("run-waiting")).toHaveLength(1);
  });

  it("hand over at once what a node that is told to end was working on", { timeout: slowMs }, async () => {
    const { tool, began, release, runs } = held();
    const first = await nodes.start({ model: answering(plan('1. held("a")')), tools: [tool], timing: longLease });
    const session = await first.session();
    const runId = await session.say("go");
    await began;
    const second = await nodes.start({ model: answering("Done."), tools: [tool], timing: longLease });
    const there = await second.watch(session.id);
    release();
    await first.close();
    expect(await there.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(runs()).toBeLessThanOrEqual(2);
  });

  it("carry out each of many runs once", { timeout: slowMs }, async () => {
    const marked: string[] = [];
    const mark = defineTool({
      name: "mark",
      description: "Marks its run.",
      effects: ["read"],
      input: z.object({}),
      output: z.object({}),
      run: async (_, { runId }) => {
        marked.push(runId);
        return {};
      },
    });
    const model = () =>
      scriptedModel(({ messages }) => ({
        text: messages.some(({ role }) => role === "assistant") ? "Done." : plan("1. mark()"),
      }));
    const start = () => nodes.start({ model: model(), tools: [mark], timing: longLease });
    const [first, second] = [await start(), await start()];
    const sessions = await Promise.all(Array.from({ length: 12 }, () => first.session()));
    const sent = await Promise.all(
      sessions.map(({ id: sessionId }, index) =>
        (index % 2 === 0 ? first : second).command("message-send", { text: "go" }, { sessionId }),
      ),
    );
    for (const [index, { id }] of sessions.entries()) {
      const watched = await second.watch(id);
      expect(await watched.ended(sent[index]?.runId ?? "")).toMatchObject({ type: "run-completed" });
      expect(watched.all("turn-started")).toHaveLength(2);
    }
    expect(marked.toSorted()).toEqual(sent.map(({ runId }) => runId).toSorted());
  });
});
