import { type SessionState, applyEvent, emptySession, sessionStateSchema, trimSession } from "@orquestra/protocol";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { trimLog } from "../../orchestrator/retention/trim-log.ts";
import type { LiveFrame } from "../../orchestrator/index.ts";
import type { Store } from "../../persistence/index.ts";
import { type AnyTool, defineTool } from "../../tools/index.ts";
import { type EngineHarness, ada, startEngine } from "../engine-harness.ts";
import { type ScriptedReply, scriptedModel } from "../scripted-model.ts";
import { echo, handClock, plan } from "./scene.fixture.ts";
import { storeKinds } from "./store-kinds.fixture.ts";

const stores = await storeKinds();
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});
afterAll(() => stores.stop());

const day = 24 * 60 * 60_000;

/** A change outside of any folder, which the ledger tells. */
function change(ledger: string[]): AnyTool {
  return defineTool({
    name: "change",
    description: "Changes something.",
    effects: ["write"],
    critical: [],
    integrity: "inputs",
    idempotent: false,
    undoable: false,
    timeoutMs: 10_000,
    input: z.object({ what: z.string() }),
    output: z.object({ what: z.string() }),
    run: async ({ what }) => {
      ledger.push(what);
      return { what };
    },
  });
}

async function start(store: Store, replies: readonly ScriptedReply[], options: { readonly ledger?: string[] } = {}) {
  const clock = handClock();
  const tools = [echo, change(options.ledger ?? [])];
  const harness = await startEngine({ store, clock, tools, model: scriptedModel(replies) });
  closers.push(() => harness.close());
  return { harness, clock };
}

async function attach({ engine }: EngineHarness, sessionId: string, from?: number) {
  const frames: LiveFrame[] = [];
  const attachment = await engine.attach({ sessionId, user: ada, from, deliver: (frame) => frames.push(frame) });
  attachment.start();
  attachment.detach();
  return { seq: attachment.seq, snapshot: asSent(attachment.snapshot), frames };
}

/** As it travels: what is undefined is not there. */
function asSent(state: SessionState | null): SessionState | null {
  return state === null ? null : sessionStateSchema.parse(JSON.parse(JSON.stringify(state)));
}

async function firstSeq(store: Store, sessionId: string): Promise<number | undefined> {
  return (await store.events.read(sessionId, 0, 1))[0]?.seq;
}

const signal = new AbortController().signal;
const before = (now: number): string => new Date(now).toISOString();

describe.each(stores.kinds)("a log that is trimmed, $name", ({ open }) => {
  it("gives a client the same state as the whole log, from any seq", async () => {
    const store = await open();
    closers.push(() => store.close());
    const answers = Array.from({ length: 3 }, () => [{ text: plan('1. echo("a")', "2. echo($1.value)") }, { text: "Done." }]);
    const { harness, clock } = await start(store, answers.flat());
    const session = await harness.session();
    await session.ended(await session.say("first"));
    const kept = (await session.ended(await session.say("second"))).seq;
    clock.turn(10 * day);
    const last = (await session.ended(await session.say("third"))).seq;
    const whole = asSent(trimSession(session.events.reduce(applyEvent, emptySession(session.id)), 50));

    await trimLog(store, session.id, { before: before(clock.now() - 5 * day), signal });
    expect(await firstSeq(store, session.id)).toBe(kept + 1);
    await harness.close();
    const { harness: fresh } = await start(store, []);
    expect(await attach(fresh, session.id)).toMatchObject({ snapshot: whole, frames: [] });
    for (const from of [0, 1, kept - 1])
      expect(await attach(fresh, session.id, from)).toMatchObject({ snapshot: whole, seq: last });
    for (const from of [kept, kept + 1, last]) {
      const { snapshot, frames } = await attach(fresh, session.id, from);
      expect(snapshot).toBeNull();
      expect(frames.map((frame) => "seq" in frame && frame.seq)).toEqual(
        Array.from({ length: last - from }, (_, at) => from + 1 + at),
      );
    }
    await trimLog(store, session.id, { before: before(clock.now() + day), signal });
    expect(await firstSeq(store, session.id)).toBeUndefined();
    expect(await attach(fresh, session.id, kept)).toMatchObject({ snapshot: whole, seq: last });
    const { items } = await fresh.command("message-list", {}, { sessionId: session.id });
    expect(items.map(({ text }) => text)).toEqual(["first", "", "Done.", "second", "", "Done.", "third", "", "Done."]);
  });

  it("keeps all of a run that waits for a person, however long, so that it goes on", async () => {
    const store = await open();
    closers.push(() => store.close());
    const ledger: string[] = [];
    const { harness, clock } = await start(store, [{ text: "Hello." }, { text: plan('1. change("a")') }], { ledger });
    const session = await harness.session();
    const hello = (await session.ended(await session.say("hello"))).seq;
    const runId = await session.say("change it");
    const card = await session.until("approval-requested");
    await session.until("run-waiting");
    await harness.close();
    await trimLog(store, session.id, { before: before(clock.now() + 90 * day), signal });
    expect(await firstSeq(store, session.id)).toBe(hello + 1);

    const { harness: later } = await start(store, [{ text: "Changed." }], { ledger });
    const { snapshot } = await attach(later, session.id);
    expect(snapshot?.messages.map(({ text }) => text)).toEqual(["hello", "Hello.", "change it"]);
    const watched = await later.watch(session.id);
    await later.command(
      "approval-respond",
      { approvalId: card.data.approvalId, decision: "allow_once" },
      { sessionId: session.id },
    );
    expect((await watched.ended(runId)).type).toBe("run-completed");
    expect((await store.runs.get(runId))?.status).toBe("completed");
    expect(ledger).toEqual(["a"]);
    await trimLog(store, session.id, { before: before(clock.now() + 90 * day), signal });
    expect(await firstSeq(store, session.id)).toBeUndefined();
  });
});

describe("the job that trims", () => {
  it("works on what is older than it was told to keep, and on nothing where all is to be kept", async () => {
    const [memory] = stores.kinds;
    const store = await memory?.open();
    if (store === undefined) throw new Error("there is always a store in memory");
    const { harness, clock } = await start(store, [{ text: "Old." }, { text: "New." }]);
    const [old, young] = [await harness.session(), await harness.session()];
    await old.ended(await old.say("old"));
    clock.turn(31 * day);
    const end = (await young.ended(await young.say("young"))).seq;
    await harness.close();

    const keepsAll = await startEngine({ store, clock, model: scriptedModel([]), retentionDays: 0 });
    await keepsAll.close();
    expect(await firstSeq(store, old.id)).toBe(1);
    const trims = await startEngine({ store, clock, model: scriptedModel([]), retentionDays: 30 });
    closers.push(() => trims.close());
    await expect.poll(() => firstSeq(store, old.id)).toBeUndefined();
    // The session itself is as old as the other; its run is not.
    await expect.poll(() => firstSeq(store, young.id)).toBe(2);
    expect(await store.events.lastSeq(young.id)).toBe(end);
    expect((await store.messages.list(old.id, { limit: 10 })).map(({ text }) => text)).toEqual(["old", "Old."]);
  });
});
