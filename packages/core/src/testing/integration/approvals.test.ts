import type { EventData } from "@orquestra/protocol";
import { describe, expect, it } from "vitest";
import { grantLifetime } from "../../permissions/built-in-policy.ts";
import { builtInTools } from "../../tools/index.ts";
import { type WatchedSession, ada } from "../engine-harness.ts";
import { engines } from "./engines.fixture.ts";
import { scriptedModel } from "../scripted-model.ts";
import { changing, echo, handClock, page, plan } from "./scene.fixture.ts";

const { folder, start } = engines();

type Card = EventData<"approval-requested"> & { readonly seq: number };
type Decision = EventData<"approval-resolved">["decision"];

/** The card that was raised after another. */
async function cardOf(session: WatchedSession, after?: Card): Promise<Card> {
  const { data, seq } = await session.until("approval-requested", (event) => event.seq > (after?.seq ?? 0));
  return { ...data, seq };
}

function answer(session: WatchedSession, { approvalId }: Card, decision: Decision): Promise<unknown> {
  return session.command("approval-respond", { approvalId, decision });
}

const reasonsOf = (card: Card): readonly (readonly string[])[] => card.todos.map(({ reasons }) => reasons);
const replies = (...texts: readonly string[]) => scriptedModel(texts.map((text) => ({ text })));

describe("the same call again", () => {
  it("is asked about when it is a read that comes the third time, as a repeat", async () => {
    const model = replies(plan('1. echo("a")'), plan('2. echo("a")'), plan('3. echo("a")', '4. echo("b")'), "Done.");
    const harness = await start({ model, tools: [echo] });
    const session = await harness.session();
    const runId = await session.say("go");
    const card = await cardOf(session);
    expect(card).toMatchObject({ kind: "repeat", todos: [{ todoId: "t3" }] });
    expect(reasonsOf(card)).toEqual([["The same call was already carried out 2 times in this run."]]);
    await answer(session, card, "allow_once");
    await session.ended(runId);
    expect(session.all("todo-completed").map(({ data }) => data.todoId)).toEqual(["t1", "t2", "t4", "t3"]);
  });

  it("is left out when the person says so, and the run goes on", async () => {
    const model = replies(plan('1. echo("a")', '2. echo("a")', '3. echo("a")'), "Done.");
    const harness = await start({ model, tools: [echo] });
    const session = await harness.session();
    const runId = await session.say("go");
    await answer(session, await cardOf(session), "reject_once");
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(session.all("todo-skipped").map(({ data }) => data)).toEqual([{ todoId: "t3", reason: "The user rejected it." }]);
  });

  it("is asked about at once when it is an effect, even where it would run by itself", async () => {
    const write = (id: number): string => plan(`${id}. file_write("again.md", "text")`);
    const harness = await start({
      model: replies(write(1), write(2), "Done."),
      tools: builtInTools({ only: ["file_write"] }),
      ceiling: "workspace",
    });
    const session = await harness.session({ mode: "workspace" });
    const runId = await session.say("go");
    const card = await cardOf(session);
    expect(card).toMatchObject({ kind: "effects", todos: [{ todoId: "t2" }] });
    expect(reasonsOf(card)).toEqual([["The same was already done in this run."]]);
    await answer(session, card, "allow_once");
    await session.ended(runId);
    expect(session.all("todo-completed").map(({ data }) => data.todoId)).toEqual(["t1", "t2"]);
  });
});

describe("allow_always", () => {
  it("writes the rule that the card shows, and the same call then runs by itself, in this run and the next", async () => {
    const ledger: string[] = [];
    const model = replies(plan('1. change("a")'), "Done.", plan('2. change("a")', '3. change("b")'), "Done.");
    const harness = await start({ model, tools: [changing(ledger)] });
    const session = await harness.session();
    const first = await session.say("go");
    const card = await cardOf(session);
    const rule = 'Always allow change in this workspace when what is "a".';
    expect(card.todos.map((todo) => todo.rule)).toEqual([rule]);
    await answer(session, card, "allow_always");
    await session.ended(first);
    expect((await harness.store.rules.list(ada.id)).map(({ text }) => text)).toEqual([rule]);

    const second = await session.say("again");
    const other = await cardOf(session, card);
    expect(other.todos.map(({ todoId, rule: text }) => [todoId, text])).toEqual([
      ["t3", 'Always allow change in this workspace when what is "b".'],
    ]);
    await answer(session, other, "reject_once");
    await session.ended(second);
    expect(ledger).toEqual(["a", "a"]);
  });

  it("is refused for a value from outside, and the card stays open for a single yes", async () => {
    const ledger: string[] = [];
    const harness = await start({
      model: replies(plan('1. page("x")', "2. change($1.text)"), "Done."),
      tools: [page, changing(ledger)],
    });
    const session = await harness.session();
    const runId = await session.say("go");
    const card = await cardOf(session);
    expect(card.todos).toMatchObject([
      {
        todoId: "t2",
        reasons: ['"what" decides where this lands and came from outside.', "Mode ask asks before changing something."],
        provenance: [{ argument: "/what", integrity: "outside", source: "copied from t1 (page), text nobody vouches for" }],
      },
    ]);
    expect(card.todos[0]).not.toHaveProperty("rule");
    await expect(answer(session, card, "allow_always")).rejects.toMatchObject({
      code: "forbidden",
      message: "No rule can allow this from now on: text from outside had a part in it. Allow it once instead.",
    });
    expect(await harness.store.rules.list(ada.id)).toEqual([]);
    await answer(session, card, "allow_once");
    await session.ended(runId);
    expect(ledger).toEqual(["text of x"]);
  });

  it.each(['file_delete("old.md")', 'shell("true")'])("is refused for what always asks, and says why: %s", async (call) => {
    folder.write("old.md", "old");
    const harness = await start({
      model: replies(plan(`1. ${call}`), "Done."),
      tools: builtInTools({ only: ["file_delete", "shell"] }),
    });
    const session = await harness.session();
    const runId = await session.say("go");
    const card = await cardOf(session);
    await expect(answer(session, card, "allow_always")).rejects.toMatchObject({
      code: "forbidden",
      message: "No rule can allow this from now on: it asks each time. Allow it once instead.",
    });
    await answer(session, card, "reject_once");
    await session.ended(runId);
  });
});

it("reject_always skips the call now and denies it later without asking", async () => {
  const ledger: string[] = [];
  const model = replies(plan('1. change("a")'), "Skipped.", plan('1. change("a")', '2. change("b")'), "Done.");
  const harness = await start({ model, tools: [changing(ledger)] });
  const session = await harness.session();
  const first = await session.say("go");
  const card = await cardOf(session);
  expect(card.todos[0]?.denyRule).toBe('Never allow change in this workspace when what is "a".');
  await answer(session, card, "reject_always");
  await session.ended(first);
  const second = await session.say("again");
  const other = await cardOf(session, card);
  expect(other.todos.map(({ todoId }) => todoId)).toEqual(["t2"]);
  await answer(session, other, "allow_once");
  await session.ended(second);
  expect(session.all("todo-failed").map(({ data }) => data)).toEqual([
    {
      todoId: "t1",
      error: {
        code: "rule_denied",
        message: 'A rule of yours forbids it: Never allow change in this workspace when what is "a".',
      },
    },
  ]);
  expect(ledger).toEqual(["b"]);
});

describe("a yes that is not used", () => {
  /** Two approved changes, of which the second has to wait until the first is done after so many milliseconds. */
  async function secondAfter(milliseconds: number) {
    const clock = handClock();
    const ledger: string[] = [];
    const slow = changing(ledger, async () => clock.turn(milliseconds));
    const harness = await start({
      model: replies(plan('1. change("a")', '2. change("b")'), "Done."),
      tools: [slow],
      concurrency: 1,
      clock,
    });
    const session = await harness.session();
    const runId = await session.say("go");
    const card = await cardOf(session);
    await answer(session, card, "allow_once");
    return { session, runId, card, ledger };
  }

  it("holds for ten minutes", async () => {
    const { session, runId, ledger } = await secondAfter(grantLifetime);
    await session.ended(runId);
    expect(ledger).toEqual(["a", "b"]);
    expect(session.all("approval-requested")).toHaveLength(1);
  });

  it("lapses after them, and is asked for again", async () => {
    const { session, runId, card, ledger } = await secondAfter(grantLifetime + 1);
    const again = await cardOf(session, card);
    expect(again.todos.map(({ todoId }) => todoId)).toEqual(["t2"]);
    expect(ledger).toEqual(["a"]);
    await answer(session, again, "allow_once");
    await session.ended(runId);
    expect(ledger).toEqual(["a", "b"]);
    expect(session.all("todo-started").map(({ data }) => data.todoId)).toEqual(["t1", "t2"]);
  });
});

describe("a card", () => {
  it("takes one answer; the first stands", async () => {
    const ledger: string[] = [];
    const harness = await start({ model: replies(plan('1. change("a")'), "Done."), tools: [changing(ledger)] });
    const session = await harness.session();
    const runId = await session.say("go");
    const card = await cardOf(session);
    const answers = await Promise.allSettled([answer(session, card, "reject_once"), answer(session, card, "allow_once")]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await expect(answer(session, card, "allow_once")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/^It was answered already \(by ada, 20[^)]+Z\); the first answer stands\.$/) as unknown,
    });
    await session.ended(runId);
    expect(session.all("approval-resolved").map(({ data }) => data.decision)).toEqual(["reject_once"]);
    expect(ledger).toEqual([]);
  });

  it("covers the plan, and may be answered differently for each todo", async () => {
    const ledger: string[] = [];
    const harness = await start({
      model: replies(plan('1. change("a")', '2. change("b")', '3. echo("c") after 2', '4. change("d")'), "Done."),
      tools: [changing(ledger), echo],
    });
    const session = await harness.session();
    const runId = await session.say("go");
    const card = await cardOf(session);
    const { approvalId } = card;
    expect(card.todos.map(({ todoId }) => todoId)).toEqual(["t1", "t2", "t4"]);
    await expect(
      session.command("approval-respond", { approvalId, decision: "allow_once", decisions: { t3: "allow_once" } }),
    ).rejects.toMatchObject({ code: "bad_request", message: "The card does not ask about t3." });
    await session.command("approval-respond", {
      approvalId,
      decision: "allow_once",
      decisions: { t2: "reject_once" },
      reason: "Not b.",
    });
    await session.ended(runId);
    expect(ledger.toSorted()).toEqual(["a", "d"]);
    expect(session.all("todo-skipped").map(({ data }) => data)).toEqual([
      { todoId: "t2", reason: "The user rejected it: Not b." },
      { todoId: "t3", reason: "It needs t2, which was skipped." },
    ]);
  });

  it("covers what has to wait for other changes of the plan, also where it cannot be shown before they are made", async () => {
    folder.write("steps.md", "one\n");
    const lines = [
      '1. file_edit("steps.md", find: "one", replace: "two")',
      '2. file_edit("steps.md", find: "two", replace: "three")',
      '3. shell("cat steps.md")',
      '4. shell("wc -l steps.md")',
      '5. shell("ls", cwd: "..")',
    ];
    const harness = await start({
      model: replies(plan(...lines), "Done."),
      tools: builtInTools({ only: ["file_edit", "shell"] }),
    });
    const session = await harness.session();
    const runId = await session.say("go");
    const card = await cardOf(session);
    expect(card.todos.map(({ todoId, diff }) => [todoId, diff !== undefined])).toEqual([
      ["t1", true],
      ["t2", false],
      ["t3", false],
      ["t4", false],
    ]);
    await answer(session, card, "allow_once");
    await session.ended(runId);
    expect(session.all("approval-requested")).toHaveLength(1);
    expect(session.all("todo-failed").map(({ data }) => data.todoId)).toEqual(["t5"]);
    expect(session.all("todo-completed").map(({ data }) => data.todoId)).toEqual(["t1", "t2", "t3", "t4"]);
    expect(session.all("todo-completed")[2]?.data.preview).toMatchObject({ stdout: "three\n" });
  });

  it("is rejected by what the person says instead, and the model hears that", async () => {
    const ledger: string[] = [];
    const model = replies(plan('1. change("a")'), plan('2. change("b")'), "Done.");
    const harness = await start({ model, tools: [changing(ledger)] });
    const session = await harness.session();
    const runId = await session.say("go");
    const card = await cardOf(session);
    await session.until("run-waiting");
    await session.command("run-steer", { runId, text: "Rather change b." });
    const other = await cardOf(session, card);
    expect(session.all("approval-resolved").map(({ data }) => data)).toMatchObject([
      { approvalId: card.approvalId, decision: "reject_once", reason: "Rather change b.", by: "ada" },
    ]);
    expect(JSON.stringify(model.requests[1]?.messages)).toContain("Rather change b.");
    await answer(session, other, "allow_once");
    await session.ended(runId);
    expect(ledger).toEqual(["b"]);
  });

  it("goes when everything it asks for was left out by hand; what has ended cannot be left out", async () => {
    const ledger: string[] = [];
    const harness = await start({
      model: replies(plan('1. echo("a")', '2. change("a")', '3. change("b")'), "Done."),
      tools: [changing(ledger), echo],
    });
    const session = await harness.session();
    const runId = await session.say("go");
    await cardOf(session);
    await expect(session.command("todo-skip", { runId, todoId: "t1" })).rejects.toMatchObject({
      code: "conflict",
      message: "That todo has ended already.",
    });
    await session.command("todo-skip", { runId, todoId: "t2" });
    await session.command("todo-skip", { runId, todoId: "t3" });
    await session.ended(runId);
    expect(ledger).toEqual([]);
    expect(session.all("approval-resolved").map(({ data }) => data.by)).toEqual([ada.id]);
    expect(session.all("todo-skipped").map(({ data }) => data)).toEqual([
      { todoId: "t2", reason: "The user skipped it." },
      { todoId: "t3", reason: "The user skipped it." },
    ]);
  });

  it("cannot be answered when its run has ended", async () => {
    const harness = await start({ model: replies(plan('1. change("a")')), tools: [changing([])] });
    const session = await harness.session();
    const runId = await session.say("go");
    const card = await cardOf(session);
    await session.command("run-cancel", { runId });
    await session.ended(runId);
    expect(session.all("approval-resolved").map(({ data }) => data.by)).toEqual(["system"]);
    expect(session.all("todo-skipped").map(({ data }) => data.reason)).toEqual(["The run ended before it was answered."]);
    await expect(answer(session, card, "allow_once")).rejects.toMatchObject({
      code: "conflict",
      message: "Its run has ended, so there is nothing left to answer.",
    });
  });
});

it("an answer given where the run was lost meanwhile reaches it where it is now", async () => {
  const ledger: string[] = [];
  const harness = await start({ model: replies(plan('1. change("a")'), "Done."), tools: [changing(ledger)] });
  const session = await harness.session();
  const runId = await session.say("go");
  const card = await cardOf(session);
  await session.until("run-waiting");
  const row = await harness.store.runs.get(runId);
  if (row === null) throw new Error("there is no run");
  const taken = { ...row, epoch: row.epoch + 1, owner: "another" };
  await harness.store.commit({ sessionId: null, events: [], changes: [{ put: "runs", record: taken }], at: row.queuedAt });
  await answer(session, card, "allow_once");
  expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
  expect(ledger).toEqual(["a"]);
  expect(session.all("approval-resolved")).toHaveLength(1);
});
