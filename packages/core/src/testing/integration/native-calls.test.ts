import type { Json } from "@orquestra/protocol";
import { afterAll, describe, expect, it } from "vitest";
import type { LanguageModel, ModelMessage, ModelPart, ModelRequest } from "../../llm-provider/index.ts";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { startEngine } from "../engine-harness.ts";
import { type ScriptedModel, scriptedModel } from "../scripted-model.ts";
import type { ReplyCall } from "../wire-server/index.ts";
import { changing, echo, plan, projectFolder } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

// Plans as native tool calls (`planFormat: tools`): the same todos, and one answer for each call.

const folder = projectFolder({ "a.md": "one\n", "b.md": "two\n" });
afterAll(() => folder.remove());

const call = (name: string, args: Json): ReplyCall => ({ name, arguments: args });
const ref = (text: string) => ({ $ref: text });

/** The answers to calls in a request, by call. */
function answersIn(request: ModelRequest | undefined): { readonly [callId: string]: string } {
  const answers = (request?.messages ?? []).flatMap((message) => (message.role === "tool" ? [message] : []));
  return Object.fromEntries(answers.map(({ callId, failed, text }) => [callId, `${failed ? "failed" : "done"}: ${bare(text)}`]));
}

function bare(text: string): string {
  return text.replace(/^<result[^>]*>\n/, "").replace(/\n<\/result>$/, "");
}

function rolesIn(request: ModelRequest | undefined): readonly ModelMessage["role"][] {
  return (request?.messages ?? []).map(({ role }) => role);
}

async function engineFor(model: ScriptedModel, ledger: string[] = []) {
  return startEngine({ model, tools: [echo, changing(ledger)], workspaces: folder.workspaces });
}

describe("native calls", () => {
  it("are todos that use each other's results, and each gets its one answer", async () => {
    const model = scriptedModel([
      { text: "Looking.", calls: [call("echo", { value: "a" }), call("echo", { value: ref("t1#/value") })] },
      { calls: [call("echo", { value: "{{$2.value}} and more" })] },
      { text: "Done." },
    ]);
    const harness = await engineFor(model);
    const session = await harness.session({ planFormat: "tools" });
    expect(await session.ended(await session.say("go"))).toMatchObject({ type: "run-completed" });
    model.assertComplete();
    const [first, second, third] = model.requests;
    expect(first?.tools?.map(({ name }) => name)).toEqual(["echo", "change"]);
    expect(first?.system).not.toContain("```plan");
    expect(rolesIn(second)).toEqual(["user", "assistant", "tool", "tool"]);
    expect(second?.messages[1]).toMatchObject({ text: "Looking.", calls: [{ id: "t1" }, { id: "t2" }] });
    expect(answersIn(second)).toEqual({ t1: 'done: value: "a"', t2: 'done: value: "a"' });
    expect(rolesIn(third)).toEqual(["user", "assistant", "tool", "tool", "assistant", "tool"]);
    expect(answersIn(third)).toMatchObject({ t3: 'done: value: "a and more"' });
    await harness.close();
  });

  it("start while the model still calls", async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const streaming: LanguageModel = {
      ...scriptedModel([]),
      async *stream({ messages }): AsyncGenerator<readonly ModelPart[], void> {
        if (messages.length === 1) {
          yield [{ type: "call", call: { id: "x", name: "echo", argumentsText: '{"value":"a"}' } }];
          await gate;
          yield [{ type: "end", reason: "calls" }];
        } else
          yield [
            { type: "text", text: "Done." },
            { type: "end", reason: "stop" },
          ];
      },
    };
    const harness = await startEngine({ model: streaming, tools: [echo] });
    const session = await harness.session({ planFormat: "tools" });
    const runId = await session.say("go");
    await session.until("todo-completed");
    expect(session.all("turn-completed")).toEqual([]);
    open();
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    await harness.close();
  });

  it("that were rejected, skipped or wrong are answered too, and none of them is repaired behind the model's back", async () => {
    const ledger: string[] = [];
    const model = scriptedModel([
      {
        calls: [
          call("change", { what: "a" }),
          call("echo", { value: ref("t1#/changed") }),
          call("teleport", { to: "b" }),
          call("echo", { valu: "c" }),
          call("echo", { value: ref("t4#/value") }),
        ],
      },
      { text: "Then not." },
    ]);
    const harness = await engineFor(model, ledger);
    const session = await harness.session({ planFormat: "tools" });
    const runId = await session.say("go");
    const { approvalId } = (await session.until("approval-requested")).data;
    await session.command("approval-respond", { approvalId, decision: "reject_once", reason: "Leave a alone." });
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    model.assertComplete();
    expect(ledger).toEqual([]);
    expect(answersIn(model.requests[1])).toEqual({
      t1: "failed: The user rejected it: Leave a alone.",
      t2: "failed: It needs t1, which was skipped.",
      t3: "failed: There is no tool teleport. The tools are: echo, change.",
      t4: "failed: echo(value): it has no argument valu.",
      t5: "failed: It needs t4, which failed.",
    });
    await harness.close();
  });

  it("nobody asked for are todos all the same, and stand in the next prompt as a plan", async () => {
    const model = scriptedModel([{ text: "Looking.", calls: [call("echo", { value: "a" })] }, { text: "Done." }]);
    const harness = await engineFor(model);
    const session = await harness.session({ planFormat: "lines" });
    await session.ended(await session.say("go"));
    expect(session.all("todo-completed")).toHaveLength(1);
    const [first, second] = model.requests;
    expect(first?.tools).toBeUndefined();
    expect(rolesIn(second)).toEqual(["user", "assistant", "user"]);
    expect(second?.messages[1]).toEqual({
      role: "assistant",
      text: 'Looking.\n```plan\n{"id":"t1","tool":"echo","args":{"value":"a"}}\n```',
    });
    await harness.close();
  });

  it("go on after a restart: what was called is told as calls, and each has its answer", async () => {
    const store = openInMemoryStore();
    const ledger: string[] = [];
    const tools = [echo, changing(ledger)];
    const calls = [call("echo", { value: "a" }), call("change", { what: ref("t1#/value") })];
    const { workspaces } = folder;
    const first = await startEngine({ store, tools, workspaces, model: scriptedModel([{ calls }]) });
    const before = await first.session({ planFormat: "tools" });
    const runId = await before.say("go");
    const { approvalId } = (await before.until("approval-requested")).data;
    await before.until("run-waiting");
    await first.close();

    const model = scriptedModel([{ text: "Done." }]);
    const second = await startEngine({ store, tools, workspaces, model });
    const after = await second.watch(before.id);
    await after.command("approval-respond", { approvalId, decision: "allow_once" });
    expect(await after.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(ledger).toEqual(["a"]);
    const [request] = model.requests;
    expect(rolesIn(request)).toEqual(["user", "assistant", "tool", "tool"]);
    expect(request?.messages[1]).toMatchObject({
      text: "",
      calls: [
        { id: "t1", name: "echo", argumentsText: '{"value":"a"}' },
        { id: "t2", name: "change", argumentsText: '{"what":{"$ref":"t1#/value"}}' },
      ],
    });
    expect(request?.messages.slice(2)).toMatchObject([{ callId: "t1" }, { callId: "t2" }]);
    await second.close();
  });

  it("are not asked of a model that has none", async () => {
    const model = scriptedModel([{ text: plan('1. echo("a")') }, { text: "Done." }], { capabilities: { tools: false } });
    const harness = await engineFor(model);
    const session = await harness.session({ planFormat: "tools" });
    await session.ended(await session.say("go"));
    expect(session.all("todo-completed")).toHaveLength(1);
    expect(model.requests[0]?.tools).toBeUndefined();
    await harness.close();
  });
});

describe("a model that cannot write a plan", () => {
  it("calls tools natively after a failed repair, which is said and kept", async () => {
    const model = scriptedModel([
      { text: plan("1. echo(") },
      { text: plan("1. echo(((") },
      { text: "Now?" },
      { calls: [call("echo", { value: "a" })] },
      { text: "Done." },
    ]);
    const harness = await engineFor(model);
    const session = await harness.session();
    await session.ended(await session.say("go"));
    await session.ended(await session.say("again"));
    model.assertComplete();
    expect(model.requests.map(({ tools }) => tools !== undefined)).toEqual([false, false, true, true, true]);
    expect(session.all("session-updated").map(({ data }) => data.planFormat)).toContain("tools");
    expect(told(session)).toContain(
      "notice: The model could not write its plan in a form that can be read, so in this session it now calls tools directly.",
    );
    const { items } = await harness.command("session-list", {});
    expect(items[0]?.planFormat).toBe("tools");
    await harness.close();
  });

  it("goes on as it is where it has no native calls", async () => {
    const model = scriptedModel([{ text: plan("1. echo(") }, { text: plan("1. echo(((") }, { text: "I give up." }], {
      capabilities: { tools: false },
    });
    const harness = await engineFor(model);
    const session = await harness.session();
    await session.ended(await session.say("go"));
    model.assertComplete();
    expect(session.all("session-updated").some(({ data }) => data.planFormat !== undefined)).toBe(false);
    await harness.close();
  });
});
