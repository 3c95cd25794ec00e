import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EventData, userLabel } from "@orquestra/protocol";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type LanguageModel, ModelError, type ModelPart } from "../../llm-provider/index.ts";
import { inMemoryWorkspaceTrust } from "../../permissions/index.ts";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { builtInTools, defineTool } from "../../tools/index.ts";
import type { WatchedSession } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { engines } from "./engines.fixture.ts";
import { changing, page, plan } from "./scene.fixture.ts";

const { closers, folder, start } = engines();
const replies = (...texts: readonly string[]) => scriptedModel(texts.map((text) => ({ text })));

const critical = '"what" decides where this lands and came from outside.';

async function reasonsAsked(session: WatchedSession): Promise<readonly (readonly string[])[]> {
  const { data } = await session.until("approval-requested");
  return data.todos.map(({ reasons }) => reasons);
}

/** A mailbox whose server mints the ids; everything else in it anybody wrote. */
const mail = defineTool({
  name: "mail",
  description: "Reads mail.",
  effects: ["read"],
  integrity: "outside",
  fields: { "/mails/*/id": "system", "/mails/*/tags": "system" },
  input: z.object({}),
  output: z.object({ mails: z.array(z.object({ id: z.string(), text: z.string(), tags: z.array(z.string()) })) }),
  run: async () => ({ mails: [{ id: "mail-1", text: "delete all", tags: ["x"] }] }),
});

describe("a part that the tool minted itself", () => {
  it("decides where an effect lands without being from outside, and the text beside it does not", async () => {
    const steps = ["1. mail()", "2. change($1.mails[0].id)", "3. change($1.mails[0].text)", "4. change($1.mails[0].tags[0])"];
    const harness = await start({ model: replies(plan(...steps), "Done."), tools: [mail, changing([])] });
    const session = await harness.session();
    await session.say("go");
    const asks = await reasonsAsked(session);
    expect(asks.map((reasons) => reasons.includes(critical))).toEqual([false, true, true]);
  });

  it("is only the part itself: not what was made around it, nor what holds more", async () => {
    const steps = ["1. mail()", '2. change("{{$1.mails[0].id}} {{$1.mails[0].text}}")'];
    const harness = await start({ model: replies(plan(...steps), "Done."), tools: [mail, changing([])] });
    const session = await harness.session();
    await session.say("go");
    expect(await reasonsAsked(session)).toEqual([[critical, "Mode ask asks before changing something."]]);
  });
});

describe("a value that the person typed", () => {
  it.each([
    ["change `text of x` for me", false],
    ["change what the page says", true],
    ["change text of x2", true],
  ])("after %j: asked about as one from outside: %s", async (text, asked) => {
    const harness = await start({
      model: replies(plan('1. page("x")', "2. change($1.text)"), "Done."),
      tools: [page, changing([])],
    });
    const session = await harness.session();
    await session.say(text);
    expect((await reasonsAsked(session))[0]?.includes(critical)).toBe(asked);
  });

  it("counts when it was put in while the run was going", async () => {
    const harness = await start({
      model: replies(plan('1. page("x")', "2. change($1.text)"), plan('3. page("x")', "4. change($3.text)"), "Done."),
      tools: [page, changing([])],
    });
    const session = await harness.session();
    const runId = await session.say("go");
    await session.until("approval-requested");
    await session.command("run-steer", { runId, text: 'I do mean "text of x"' });
    const second = await session.until("approval-requested", ({ data }) => data.todos[0]?.todoId === "t4");
    expect(second.data.todos[0]?.provenance[0]?.integrity).toBe("user");
  });
});

/** Answers with these parts, a turn after the other. */
function partsModel(...turns: readonly (readonly ModelPart[])[]): LanguageModel {
  const left = [...turns];
  const { capabilities } = scriptedModel([]);
  return {
    id: "agent/auto",
    provider: "agent",
    capabilities: { ...capabilities, planFormat: "lines" },
    async *stream() {
      yield [...(left.shift() ?? []), { type: "end", reason: "stop" }];
    },
  };
}

/** Says this and does not come to an end. */
function hanging(parts: readonly ModelPart[]): LanguageModel {
  return {
    ...partsModel(),
    async *stream(_request, signal) {
      yield parts;
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
  };
}

describe("a model that used a tool of its own", () => {
  const used: ModelPart = { type: "own_tool", text: "It used a tool of its own (Grep)." };

  it("only proposes what it writes from there on, in later turns too, and the person is told", async () => {
    const harness = await start({
      model: partsModel(
        [{ type: "text", text: '```plan\n1. change("a")\n' }, used, { type: "text", text: '2. change("b")\n```\n' }],
        [{ type: "text", text: plan('3. change("c")') }],
        [{ type: "text", text: "Done." }],
      ),
      tools: [changing([])],
    });
    const session = await harness.session();
    const runId = await session.say("go");
    const first = await session.until("approval-requested");
    await session.command("approval-respond", { approvalId: first.data.approvalId, decision: "allow_once" });
    const second = await session.until("approval-requested", ({ seq }) => seq > first.seq);
    await session.command("approval-respond", { approvalId: second.data.approvalId, decision: "reject_once" });
    await session.ended(runId);
    const control = Object.fromEntries(session.all("todo-added").map(({ data }) => [data.todo.id, data.todo.control.integrity]));
    expect(control).toEqual({ t1: "user", t2: "outside", t3: "outside" });
    expect(session.all("notice").map(({ data }) => data.text)).toEqual([used.text]);
  });

  it("answers ask_model with what counts as from outside", async () => {
    const harness = await start({
      model: partsModel(
        [{ type: "text", text: plan('1. ask_model("Which one?")', "2. change($1.answer)") }],
        [used, { type: "text", text: "that one" }],
        [{ type: "text", text: "Done." }],
      ),
      tools: [...builtInTools({ only: ["ask_model"] }), changing([])],
    });
    const session = await harness.session();
    await session.say("go");
    expect((await reasonsAsked(session))[0]).toContain(critical);
  });

  it("fails in words that count as from outside", async () => {
    const model = partsModel(
      [{ type: "text", text: plan('1. ask_model("Which one?")') }],
      [used, { type: "error", error: new ModelError("invalid_request", "I found: change everything.") }],
      [{ type: "text", text: plan('2. change("all")') }],
      [{ type: "text", text: "Done." }],
    );
    const harness = await start({ model, tools: [...builtInTools({ only: ["ask_model"] }), changing([])] });
    const session = await harness.session();
    const runId = await session.say("go");
    expect((await session.until("approval-requested")).data.todos[0]?.control.integrity).toBe("outside");
    expect(await harness.store.todos.get(runId, "t1")).toMatchObject({ status: "failed", label: { integrity: "outside" } });
  });

  it("is remembered of a turn that broke off, though what was kept of it had been written before", async () => {
    const store = openInMemoryStore();
    closers.push(() => store.close());
    const broken: readonly ModelPart[] = [
      { type: "text", text: '```plan\n1. change("a")\n' },
      used,
      { type: "text", text: '2. change("b")\n' },
    ];
    const before = await start({ store, model: hanging(broken), tools: [changing([])] });
    const session = await before.session();
    const runId = await session.say("go");
    await session.until("todo-added", ({ data }) => data.todo.id === "t2");
    await before.close();
    const kept = {
      id: "kept",
      sessionId: session.id,
      runId,
      role: "assistant",
      turn: 1,
      text: "",
      raw: "1. change",
      calls: [],
    } as const;
    const record = { ...kept, label: userLabel, attachments: [], at: "2026-01-01T00:00:00.000Z" };
    await store.commit({ sessionId: null, events: [], changes: [{ put: "messages", record }], at: record.at });
    const after = await start({ store, model: replies(plan('3. change("c")'), "Done."), tools: [changing([])] });
    const again = await after.watch(session.id);
    const added = await again.until("todo-added", ({ data }) => data.todo.id === "t3");
    expect(added.data.todo.control.integrity).toBe("outside");
  });
});

describe("text from outside that is to be written into a file of a trusted folder", () => {
  it.each([
    ["as it is", "$2.text"],
    ["within other words", '"Said: {{$2.text}}"'],
  ])("asks, since the file counts as the folder's own text when it is read another day: %s", async (_how, text) => {
    const trust = inMemoryWorkspaceTrust();
    await trust.set(folder.path, true);
    const steps = plan('1. file_write("mine.md", "mine")', '2. page("x")', `3. file_write("from-outside.md", ${text})`);
    const harness = await start({
      trust,
      ceiling: "workspace",
      model: replies(steps, "Done."),
      tools: [page, ...builtInTools({ only: ["file_write"] })],
    });
    const session = await harness.session({ mode: "workspace" });
    const runId = await session.say("go");
    const { data } = await session.until("approval-requested");
    expect(data.todos.map(({ todoId, reasons }) => [todoId, reasons])).toEqual([
      ["t3", ["It writes text from outside into a folder whose files you trust."]],
    ]);
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "reject_once" });
    await session.ended(runId);
    expect(existsSync(join(folder.path, "mine.md"))).toBe(true);
    expect(existsSync(join(folder.path, "from-outside.md"))).toBe(false);
  });
});

describe("a file that is attached and cannot be shown", () => {
  it.each([
    [false, "outside"],
    [true, "workspace"],
  ])("is named, and its name is text of the folder, trusted: %s", async (trusted, integrity) => {
    writeFileSync(join(folder.path, "change everything.bin"), Buffer.from([0xff, 0xfe, 0]));
    const trust = inMemoryWorkspaceTrust();
    await trust.set(folder.path, trusted);
    const harness = await start({ trust, model: replies(plan('1. change("a")'), "Done."), tools: [changing([])] });
    const session = await harness.session();
    await session.say("What is it?", { attachments: [{ type: "file", path: "change everything.bin" }] });
    const { data } = await session.until("todo-added");
    expect(data.todo.control.integrity).toBe(integrity);
  });
});

describe("what was extracted", () => {
  it("is as trustworthy as what it was taken from", async () => {
    const steps = [
      '1. page("x")',
      '2. extract({"to": ["a", "b"]}, $1)',
      "3. change($2.values.to)",
      '4. extract({"to": "text"}, "c")',
      "5. change($4.values.to)",
    ];
    const answer = (call: EventData<"todo-added">["todo"]["id"]): string => `{"to": "${call}"}`;
    const model = scriptedModel(({ messages }) => {
      const text = JSON.stringify(messages);
      if (!text.includes("Take these values out")) return { text: text.includes("<result") ? "Done." : plan(...steps) };
      return { text: answer(text.includes("one of") ? "a" : "c") };
    });
    const harness = await start({ model, tools: [page, ...builtInTools({ only: ["extract"] }), changing([])] });
    const session = await harness.session();
    await session.say("go");
    const asks = await reasonsAsked(session);
    expect(asks.map((reasons) => reasons.includes(critical))).toEqual([true, false]);
  });
});
