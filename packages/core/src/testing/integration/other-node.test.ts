import { applyEvent, emptySession } from "@orquestra/protocol";
import { expect, it } from "vitest";
import type { LiveFrame } from "../../orchestrator/index.ts";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import type { Store } from "../../persistence/index.ts";
import { type EngineHarness, type WatchedSession, ada, deferred, startEngine } from "../engine-harness.ts";
import { type ScriptedReply, scriptedModel } from "../scripted-model.ts";
import { dyingStore } from "./dying-store.fixture.ts";
import { engines } from "./engines.fixture.ts";
import { type Line, line } from "./joined-nodes.fixture.ts";
import { closedTexts, eventsIn, expectTextWithinParts, logOf, textsIn } from "./live-frames.fixture.ts";
import { changing, echo, plan } from "./scene.fixture.ts";

const { start } = engines();

interface Scene {
  readonly store: Store;
  readonly line: Line;
  /** Works on all runs. The second to have joined. */
  readonly owner: EngineHarness;
  readonly other: EngineHarness;
}

async function scene(replies: readonly ScriptedReply[], store = openInMemoryStore()): Promise<Scene> {
  const nodes = line();
  const tools = [echo, changing([])];
  const other = await start({ model: scriptedModel([]), store, tools, cluster: nodes.node() });
  const owner = await start({ model: scriptedModel(replies), store, tools, cluster: nodes.node() });
  return { store, line: nodes, owner, other };
}

async function expectWhole({ store }: Scene, ...sessions: readonly WatchedSession[]): Promise<void> {
  const log = await logOf(store, sessions[0]?.id ?? "");
  for (const { events, frames } of sessions) {
    expect(events).toEqual(log);
    expect(textsIn(frames)).toEqual(closedTexts(log));
    expectTextWithinParts(frames);
  }
}

/** Resolves when somebody was told that all text so far is in the cache. */
async function keptAt({ said }: Line, from = 0): Promise<void> {
  await expect.poll(() => said.slice(from).some((message) => message.includes('"kept":true'))).toBe(true);
}

/** A text that begins with "One, ", which has come to both nodes and is kept when the line between them is cut. */
async function cutInTheMiddle(text: readonly (string | Promise<void>)[], what?: "messages") {
  const stage = await scene([{ text }]);
  const here = await stage.owner.session();
  const there = await stage.other.watch(here.id);
  const runId = await here.say("count");
  await expect.poll(() => [...textsIn(there.frames).values()]).toEqual(["One, "]);
  await keptAt(stage.line);
  stage.line.cut(what);
  return { stage, here, there, runId, said: stage.line.said.length };
}

const words = Array.from({ length: 40 }, (_, index) => `word ${index} `);

it("a client at another node sees a run as one at the node that works on it does", async () => {
  const stage = await scene([
    { text: [`Looking.\n${plan('1. echo("a")', "2. echo($1.value)")}`], reasoning: "Well." },
    { text: words },
  ]);
  const here = await stage.owner.session();
  const there = await stage.other.watch(here.id);
  const runId = await here.say("go");
  await Promise.all([here.ended(runId), there.ended(runId)]);
  await expectWhole(stage, here, there);
});

it("text comes to another node while it is written", async () => {
  const gate = deferred();
  const stage = await scene([{ text: ["One, ", "two, ", gate.promise, "three."] }]);
  const here = await stage.owner.session();
  const there = await stage.other.watch(here.id);
  const runId = await here.say("count");
  await expect.poll(() => [...textsIn(there.frames).values()]).toEqual(["One, two, "]);
  gate.resolve();
  await there.ended(runId);
  await expectWhole(stage, here, there);
});

it("what happens at both nodes at the same time has one order at both", async () => {
  const gate = deferred();
  const stage = await scene([{ text: ["One, ", gate.promise, ...words] }]);
  const here = await stage.owner.session();
  const there = await stage.other.watch(here.id);
  const runId = await here.say("count");
  await here.until("part-opened");
  gate.resolve();
  const titles = Array.from({ length: 20 }, (_, index) => `Title ${index}`);
  const renamed = titles.map((title, index) => (index % 2 === 0 ? here : there).command("session-update", { title }));
  await Promise.all([...renamed, here.ended(runId), there.ended(runId)]);
  const last = await stage.store.events.lastSeq(here.id);
  for (const { events } of [here, there]) await expect.poll(() => events.at(-1)?.seq).toBe(last);
  await expectWhole(stage, here, there);
  expect(here.all("session-updated").length).toBeGreaterThanOrEqual(titles.length);
});

it.each([undefined, 0])(
  "attaching elsewhere in the middle of a part brings all its text so far, then goes on (from %s)",
  async (from) => {
    const gate = deferred();
    const stage = await scene([{ text: ["One, ", "two, ", gate.promise, "three, ", "four."] }]);
    const here = await stage.owner.session();
    const runId = await here.say("count");
    await keptAt(stage.line);
    const frames: LiveFrame[] = [];
    const attachment = await stage.other.engine.attach({
      sessionId: here.id,
      user: ada,
      from,
      deliver: (frame) => frames.push(frame),
    });
    attachment.start();
    expect(frames.filter(({ type }) => type === "delta")).toMatchObject([{ offset: 0, text: "One, two, " }]);
    expect(frames.at(-1)?.type).toBe("delta");
    expect(attachment.snapshot === null).toBe(from === 0);
    gate.resolve();
    await here.ended(runId);
    await expect.poll(() => frames.some(({ type }) => type === "run-completed")).toBe(true);
    expect([...textsIn(frames).values()]).toEqual(["One, two, three, four."]);
    const log = await logOf(stage.store, here.id);
    const events = eventsIn(frames);
    expect(events).toEqual(log.slice(from === undefined ? attachment.seq : 0));
    expect(events.reduce(applyEvent, attachment.snapshot ?? emptySession(here.id))).toEqual(
      log.reduce(applyEvent, emptySession(here.id)),
    );
  },
);

it("text that gets lost between the nodes is there before its part closes", async () => {
  const [first, second] = [deferred(), deferred()];
  const { stage, here, there, runId, said } = await cutInTheMiddle(["One, ", first.promise, "two, ", second.promise, "three."]);
  first.resolve();
  await expect.poll(() => stage.line.said.length).toBeGreaterThan(said);
  stage.line.mend();
  second.resolve();
  await Promise.all([here.ended(runId), there.ended(runId)]);
  await expectWhole(stage, here, there);
});

it("text that got lost is filled in from what is kept while the part is still open", async () => {
  const [first, second, third] = [deferred(), deferred(), deferred()];
  const { stage, here, there, runId, said } = await cutInTheMiddle([
    "One, ",
    first.promise,
    "two, ",
    second.promise,
    "three, ",
    third.promise,
    "four.",
  ]);
  first.resolve();
  await expect.poll(() => stage.line.said.length).toBeGreaterThan(said);
  stage.line.mend();
  second.resolve();
  await expect.poll(() => [...textsIn(there.frames).values()]).toEqual(["One, two, three, "]);
  third.resolve();
  await Promise.all([here.ended(runId), there.ended(runId)]);
  await expectWhole(stage, here, there);
});

it.each([
  { known: "to all", cut: undefined, told: undefined },
  { known: "only to the node that watches", cut: "messages", told: [0] },
] as const)("text that got lost is there when that is known $known, whether or not more is written", async ({ cut, told }) => {
  const [first, second] = [deferred(), deferred()];
  const text = ["One, ", first.promise, "two, ", second.promise, "three."];
  const { stage, here, there, runId, said } = await cutInTheMiddle(text, cut);
  first.resolve();
  await keptAt(stage.line, said);
  stage.line.mend(told);
  await expect.poll(() => [...textsIn(there.frames).values()]).toEqual(["One, two, "]);
  second.resolve();
  await Promise.all([here.ended(runId), there.ended(runId)]);
  await expectWhole(stage, here, there);
});

it("a part that was opened before anybody listened is found by its text, and nothing comes twice for that", async () => {
  const [first, second] = [deferred(), deferred()];
  const stage = await scene([{ text: ["One, ", first.promise, "two, ", second.promise, "three."] }]);
  const here = await stage.owner.session();
  const runId = await here.say("count");
  await here.until("part-opened");
  await keptAt(stage.line);
  stage.line.cut();
  const there = await stage.other.watch(here.id);
  stage.line.mend([]);
  await here.command("session-update", { title: "Counting" });
  await there.until("session-updated", ({ data }) => data.title === "Counting");
  expect(textsIn(there.frames).size).toBe(0);
  first.resolve();
  await expect.poll(() => [...textsIn(there.frames).values()]).toEqual(["One, two, "]);
  second.resolve();
  await Promise.all([here.ended(runId), there.ended(runId)]);
  await expectWhole(stage, here, there);
});

it("an event that was not heard of comes before the next one of the same node", async () => {
  const stage = await scene([]);
  const here = await stage.owner.session();
  const there = await stage.other.watch(here.id);
  stage.line.cut();
  await there.command("session-update", { title: "There" });
  await here.command("session-update", { title: "Here" });
  await here.until("session-updated", ({ data }) => data.title === "Here");
  await there.until("session-updated", ({ data }) => data.title === "Here");
  await expectWhole(stage, here, there);
});

it("with the line down for good another node still gets every event, and the text with the event that closes it", async () => {
  const stage = await scene([{ text: words }]);
  const here = await stage.owner.session();
  const there = await stage.other.watch(here.id);
  stage.line.cut();
  const runId = await here.say("count");
  await Promise.all([here.ended(runId), there.ended(runId)]);
  await expectWhole(stage, here, there);
});

it("what a node that dies had written of an answer is what the one that takes the run up closes it with", async () => {
  const nodes = line();
  const store = openInMemoryStore();
  const dying = dyingStore(store);
  const model = scriptedModel([{ text: ["One, ", "two, ", deferred().promise] }, { text: "Three." }]);
  const owner = await startEngine({
    model,
    store: dying.store,
    cluster: nodes.node(),
    nodeId: "dying",
    timing: { beatMs: 600_000, leaseMs: 600_000 },
  });
  const here = await owner.session();
  const runId = await here.say("count");
  await keptAt(nodes);
  dying.arm(0);
  await store.ownership.end("dying");
  const other = await start({ model, store, cluster: nodes.node() });
  const there = await other.watch(here.id);
  await there.ended(runId);
  const texts = there.all("part-closed").map(({ data }) => [data.text, data.cut]);
  expect(texts).toEqual([
    ["One, two, ", true],
    ["Three.", undefined],
  ]);
  const { items } = await there.command("message-list", {});
  expect(items.map(({ text }) => text)).toEqual(["count", "One, two, ", "Three."]);
});

it("another node is told that the session is deleted, though the log is gone by then", async () => {
  const stage = await scene([]);
  const here = await stage.owner.session();
  const there = await stage.other.watch(here.id);
  await here.command("session-delete", {});
  expect(await there.until("session-deleted")).toMatchObject({ seq: 2 });
});

it("who attaches is told how many watch, on all nodes", async () => {
  const stage = await scene([]);
  const here = await stage.owner.session();
  const attach = async ({ engine }: EngineHarness) => engine.attach({ sessionId: here.id, user: ada, deliver: () => undefined });
  const second = await attach(stage.other);
  expect(second.watching).toBe(2);
  expect((await attach(stage.owner)).watching).toBe(3);
  second.detach();
  await expect.poll(async () => (await attach(stage.other)).watching).toBe(3);
});

it("a node that is alone says nothing to anybody", async () => {
  const nodes = line();
  const owner = await start({ model: scriptedModel([{ text: words }]), cluster: { ...nodes.node(), alone: true } });
  const here = await owner.session();
  await here.ended(await here.say("count"));
  expect(nodes.said).toEqual([]);
});
