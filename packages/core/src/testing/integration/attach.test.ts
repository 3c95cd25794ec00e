import { type SessionState, applyEvent, emptySession, sessionStateSchema } from "@orquestra/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import type { Store } from "../../persistence/index.ts";
import type { Frame, TestClient } from "../../websocket/gateway-harness.ts";
import { type EngineHarness, deferred, startEngine } from "../engine-harness.ts";
import { type ScriptedReply, scriptedModel } from "../scripted-model.ts";
import { textsIn } from "./live-frames.fixture.ts";
import { echo, plan } from "./scene.fixture.ts";
import { type ServedEngine, serve } from "./served-engine.fixture.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Scene {
  readonly harness: EngineHarness;
  readonly server: ServedEngine;
}

async function scene(replies: readonly ScriptedReply[], store?: Store): Promise<Scene> {
  const harness = await startEngine({ model: scriptedModel(replies), tools: [echo], ...(store === undefined ? {} : { store }) });
  closers.push(() => harness.close());
  const server = await serve(harness.engine);
  closers.push(() => server.close());
  return { harness, server };
}

/** Attaches on a new connection and gives everything that had come when a ping after it was answered. */
async function attached(
  { server }: Scene,
  sessionId: string,
  from?: number,
): Promise<{ reply: Frame; frames: Frame[]; client: TestClient }> {
  const client = await server.connect();
  client.send({ id: "attach", type: "session-attach", sessionId, data: from === undefined ? {} : { from } });
  const reply = await client.reply("attach");
  client.send({ id: "after", type: "ping" });
  await client.reply("after");
  const frames = client.frames.slice(client.frames.indexOf(reply) + 1).filter(({ type }) => type !== "reply");
  return { reply, frames, client };
}

const seqs = (frames: readonly Frame[]): unknown[] => frames.map(({ seq }) => seq);
const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, index) => first + index);

function stateOf(events: readonly Frame[], before: SessionState): SessionState {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the test client has parsed every frame as what a server sends
  return events.reduce((state, frame) => applyEvent(state, frame as never), before);
}

describe("attaching to a session on which nothing happens", () => {
  it("brings exactly the events after `from`, for every seq there is", async () => {
    const stage = await scene([{ text: `Looking.\n${plan('1. echo("a")', "2. echo($1.value)")}` }, { text: "Done." }]);
    const session = await stage.harness.session();
    const last = (await session.ended(await session.say("go"))).seq;
    for (let from = 0; from <= last; from += 1) {
      const { reply, frames } = await attached(stage, session.id, from);
      expect(reply).toMatchObject({ ok: true, data: { seq: last } });
      expect(seqs(frames)).toEqual(upTo(last, from + 1));
    }
    expect(last).toBeGreaterThan(20);
  });

  it("brings a snapshot without `from`, and where `from` is beyond the log", async () => {
    const stage = await scene([{ text: "Hello." }]);
    const session = await stage.harness.session();
    const last = (await session.ended(await session.say("go"))).seq;
    const truth = session.events.reduce(applyEvent, emptySession(session.id));
    for (const [index, from] of [undefined, last + 1, 10_000].entries()) {
      const { reply, frames } = await attached(stage, session.id, from);
      const data = { seq: last, watching: index + 2, snapshot: truth };
      expect(reply).toEqual({ v: 1, type: "reply", re: "attach", ok: true, data });
      expect(frames).toEqual([]);
    }
  });
});

it("a snapshot and the pages before it hold every message once, in one order, whatever waited in the queue", async () => {
  const gate = deferred();
  const answers = Array.from({ length: 40 }, (_, index) => ({ text: index === 0 ? ["0", gate.promise] : `${index}` }));
  const stage = await scene(answers);
  const session = await stage.harness.session();
  await session.say("first");
  await session.until("part-opened");
  const runs: string[] = [];
  for (let index = 1; index < 40; index += 1) runs.push(await session.say(`${index}`));
  gate.resolve();
  await session.ended(runs.at(-1) ?? "");
  const whole = session.events.reduce(applyEvent, emptySession(session.id)).messages.map(({ messageId }) => messageId);
  const { reply } = await attached(stage, session.id);
  const { data } = reply;
  const shown = sessionStateSchema.parse(
    data === null || typeof data !== "object" || !("snapshot" in data) ? null : data["snapshot"],
  );
  const pages = shown.messages.map(({ messageId }) => messageId);
  for (;;) {
    const { items } = await session.command("message-list", { before: pages[0], limit: 7 });
    if (items.length === 0) break;
    pages.unshift(...items.map(({ messageId }) => messageId));
  }
  expect(shown.messages).toHaveLength(50);
  expect(pages).toEqual(whole);
  await expect(session.command("message-list", { before: "nobody" })).rejects.toMatchObject({ code: "not_found" });
});

async function written(
  gate: Promise<void>,
): Promise<{ stage: Scene; sessionId: string; runId: string; ended: Promise<unknown> }> {
  const stage = await scene([{ text: ["One, ", "two, ", gate, "three."] }]);
  const session = await stage.harness.session();
  const runId = await session.say("count");
  await expect.poll(() => textsIn(session.frames).values().next().value).toBe("One, two, ");
  return { stage, sessionId: session.id, runId, ended: session.ended(runId) };
}

describe("attaching while the model writes", () => {
  it("brings the text of an open part in one delta from its start, then goes on behind it", async () => {
    const gate = deferred();
    const { stage, sessionId, ended } = await written(gate.promise);
    const { reply, frames, client } = await attached(stage, sessionId, 0);
    const opened = frames.at(-2);
    expect(opened).toMatchObject({ type: "part-opened", seq: frames.length - 1 });
    expect(reply).toMatchObject({ data: { seq: frames.length - 1 } });
    expect(frames.at(-1)).toMatchObject({ type: "delta", offset: 0, text: "One, two, " });
    gate.resolve();
    await ended;
    const closed = await client.frame(({ type }) => type === "part-closed");
    const deltas = client.frames.filter(({ type }) => type === "delta");
    expect(deltas.map(({ offset, text }) => [offset, text])).toEqual([
      [0, "One, two, "],
      [10, "three."],
    ]);
    expect(closed).toMatchObject({ data: { text: "One, two, three." } });
  });

  it("brings it once again to a connection that attaches again, whatever it has seen", async () => {
    const gate = deferred();
    const { stage, sessionId, ended } = await written(gate.promise);
    const { frames, client } = await attached(stage, sessionId, 0);
    const last = Number(frames.at(-2)?.["seq"]);
    client.send({ id: "again", type: "session-attach", sessionId, data: { from: last } });
    await client.frame((frame) => frame["re"] === "again");
    gate.resolve();
    await ended;
    await client.frame(({ type }) => type === "run-completed");
    const after = client.frames.slice(client.frames.findIndex((frame) => frame["re"] === "again") + 1);
    expect(after[0]).toMatchObject({ type: "delta", offset: 0, text: "One, two, " });
    const numbered = after.filter(({ seq }) => seq !== undefined);
    expect(seqs(numbered)).toEqual(upTo(last + numbered.length, last + 1));
  });

  it("brings a snapshot that goes on with the events after its seq", async () => {
    const gate = deferred();
    const { stage, sessionId, ended } = await written(gate.promise);
    const { reply, frames, client } = await attached(stage, sessionId);
    const { data } = reply;
    if (typeof data !== "object" || data === null || !("snapshot" in data)) throw new Error("no snapshot");
    const snapshot = sessionStateSchema.parse(data["snapshot"]);
    expect(frames).toMatchObject([{ type: "delta", offset: 0, text: "One, two, " }]);
    gate.resolve();
    await ended;
    await client.frame(({ type }) => type === "run-completed");
    const numbered = client.frames.filter(({ seq }) => seq !== undefined);
    expect(seqs(numbered)).toEqual(upTo(snapshot.seq + numbered.length, snapshot.seq + 1));
    const log = await stage.harness.store.events.read(sessionId, 0, 1000);
    expect(stateOf(numbered, snapshot)).toEqual(log.reduce(applyEvent, emptySession(sessionId)));
  });
});

describe("attaching while the database has something it has not told yet", () => {
  /** A store that keeps what it has done to itself while it is held. */
  function secretive() {
    const inner = openInMemoryStore();
    let told = Promise.resolve();
    const store: Store = {
      ...inner,
      commit: async (batch) => {
        const events = await inner.commit(batch);
        await told;
        return events;
      },
    };
    const hold = (): (() => void) => {
      const { promise, resolve } = deferred();
      told = promise;
      return resolve;
    };
    return { store, inner, hold };
  }

  it("sends no event twice", async () => {
    const { store, inner, hold } = secretive();
    const stage = await scene([], store);
    const session = await stage.harness.session();
    const release = hold();
    const renamed = session.command("session-update", { title: "Renamed" });
    await expect.poll(() => inner.events.lastSeq(session.id)).toBe(2);
    const { client } = await attached(stage, session.id, 0);
    release();
    await renamed;
    const archived = session.command("session-update", { archived: true });
    await Promise.all([archived, client.frame(({ seq }) => seq === 3)]);
    expect(seqs(client.frames.filter(({ seq }) => seq !== undefined))).toEqual([1, 2, 3]);
  });

  it("sends no text of a part that is closed there already", async () => {
    const { store, inner, hold } = secretive();
    const gate = deferred();
    const stage = await scene([{ text: ["Hello.", gate.promise] }], store);
    const session = await stage.harness.session();
    const runId = await session.say("go");
    await expect.poll(() => session.frames.some(({ type }) => type === "delta")).toBe(true);
    const release = hold();
    const before = await inner.events.lastSeq(session.id);
    gate.resolve();
    await expect.poll(() => inner.events.lastSeq(session.id)).toBeGreaterThan(before);
    for (const from of [0, undefined]) {
      const { frames } = await attached(stage, session.id, from);
      expect(frames.filter(({ type }) => type === "delta")).toEqual([]);
    }
    release();
    await session.ended(runId);
  });
});
