import { type SessionState, applyDelta, applyEvent, emptySession, openParts } from "@orquestra/protocol";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import type { Attachment, LiveFrame } from "../../orchestrator/index.ts";
import { type EngineHarness, type WatchedSession, ada } from "../engine-harness.ts";
import { type ScriptedReply, scriptedModel } from "../scripted-model.ts";
import { engines } from "./engines.fixture.ts";
import { line } from "./joined-nodes.fixture.ts";
import { lateStore } from "./late-store.fixture.ts";
import { closedTexts, eventsIn, expectTextWithinParts, logOf, textsIn } from "./live-frames.fixture.ts";
import { seededRandom } from "./random.fixture.ts";
import { changing, echo, plan } from "./scene.fixture.ts";
import { storeKinds } from "./store-kinds.fixture.ts";

const stores = await storeKinds();
afterAll(() => stores.stop());
const { start, closers } = engines();
const random = seededRandom(process.env["ORQUESTRA_TEST_SEED"]);

const messages = 4;

/** A few words at a time, as a model writes them. */
function written(text: string): NonNullable<ScriptedReply["text"]> {
  const began = Date.now();
  const chunks = text.match(/[^ \n]*[ \n]*/g) ?? [];
  return chunks.flatMap((chunk, index) => [wait(Math.max(0, began + index * 2 - Date.now())), chunk]);
}

function reply(call: number): ScriptedReply {
  const turn = call % 3;
  const words = `${["Looking", "Changing", "Done"][turn]} ${call}: ${"bar by bar the score goes on. ".repeat(4)}\n`;
  if (turn === 0)
    return {
      text: written(words + plan('1. echo("a")', '2. echo("b{{$1.value}}")', '3. echo("c{{$2.value}}")')),
      reasoning: "Well.",
    };
  return { text: written(turn === 1 ? words + plan(`4. change("${call}")`) : words) };
}

/** The frames of one connection, with the state before the first of them. */
interface Connection {
  readonly before: SessionState;
  readonly frames: LiveFrame[];
}

/** A client that leaves when it likes and comes back at any node. */
class Restless {
  readonly connections: Connection[] = [];
  readonly failures: unknown[] = [];
  state: SessionState;
  readonly #nodes: readonly EngineHarness[];
  readonly #sessionId: string;
  #attachment: Attachment | null = null;
  #moves: "when it likes" | "under way" | "no more" = "when it likes";

  constructor(nodes: readonly EngineHarness[], sessionId: string) {
    this.#nodes = nodes;
    this.#sessionId = sessionId;
    this.state = emptySession(sessionId);
  }

  async attach(): Promise<void> {
    const node = this.#nodes[random.between(0, this.#nodes.length - 1)];
    const from = random.between(0, 3) === 0 ? undefined : this.state.seq;
    let left = random.between(0, 40);
    const frames: LiveFrame[] = [];
    const deliver = (frame: LiveFrame): void => {
      frames.push(frame);
      this.#apply(frame);
      if (left-- === 0) this.#move();
    };
    const attachment = await node?.engine.attach({ sessionId: this.#sessionId, user: ada, from, deliver });
    this.#attachment = attachment ?? null;
    this.state = attachment?.snapshot ?? this.state;
    this.connections.push({ before: this.state, frames });
    attachment?.start();
  }

  /** Stays where it is from now on. */
  settle(): void {
    this.#moves = "no more";
  }

  #apply(frame: LiveFrame): void {
    try {
      if (frame.type === "delta") this.state = applyDelta(this.state, frame);
      else if ("seq" in frame) this.state = applyEvent(this.state, frame);
    } catch (error) {
      this.failures.push(error);
    }
  }

  #move(): void {
    if (this.#moves !== "when it likes") return;
    this.#moves = "under way";
    setImmediate(() => {
      this.#attachment?.detach();
      this.attach()
        .catch((error: unknown) => this.failures.push(error))
        .finally(() => {
          if (this.#moves === "under way") this.#moves = "when it likes";
        });
    });
  }
}

async function agreeTo(session: WatchedSession): Promise<void> {
  const { data } = await session.until("approval-requested", ({ data: asked }) =>
    session.all("approval-resolved").every(({ data: resolved }) => resolved.approvalId !== asked.approvalId),
  );
  await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
}

describe.each(stores.kinds)("on a store $name", ({ open }) => {
  async function nodes(count: number) {
    const store = lateStore(await open(), () => random.between(0, 3));
    closers.push(() => store.close());
    const tools = [echo, changing([])];
    const joined = line();
    const others: EngineHarness[] = [];
    for (let each = 1; each < count; each += 1)
      others.push(await start({ model: scriptedModel([]), store, tools, cluster: joined.node() }));
    let call = 0;
    const owner = await start({ model: scriptedModel(() => reply(call++)), store, tools, cluster: joined.node() });
    return { store, owner, others, all: [owner, ...others] };
  }

  it(
    "clients that leave at random and come back at any node end where those do that never left",
    { timeout: 60_000 },
    async () => {
      const { store, owner, others, all } = await nodes(3);
      const here = await owner.session();
      const there = await Promise.all(others.map((other) => other.watch(here.id)));
      const restless = Array.from({ length: 8 }, () => new Restless(all, here.id));
      await Promise.all(restless.map((client) => client.attach()));
      for (let message = 0; message < messages; message += 1) {
        const runId = await here.say(`message ${message}`);
        await agreeTo(here);
        await here.ended(runId);
      }
      for (const client of restless) client.settle();

      const log = await logOf(store, here.id);
      const truth = log.reduce(applyEvent, emptySession(here.id));
      for (const { events, frames } of [here, ...there]) {
        await expect.poll(() => events.length).toBe(log.length);
        expect(events).toEqual(log);
        expect(textsIn(frames)).toEqual(closedTexts(log));
        expectTextWithinParts(frames);
      }
      for (const client of restless) {
        await expect.poll(() => client.state.seq).toBe(log.length);
        expect(client.state).toEqual(truth);
        for (const { before, frames } of client.connections) {
          expect(eventsIn(frames)).toEqual(log.slice(before.seq, before.seq + eventsIn(frames).length));
          expectTextWithinParts(
            frames,
            openParts(before).map(({ partId }) => partId),
          );
          for (const [partId, text] of textsIn(frames)) expect(closedTexts(log).get(partId)?.startsWith(text)).toBe(true);
        }
      }
      expect(restless.flatMap(({ connections }) => connections).length).toBeGreaterThan(30);
    },
  );

  it("a session that has ended is resumed elsewhere from every seq there is", { timeout: 30_000 }, async () => {
    const { store, owner, others } = await nodes(2);
    const here = await owner.session();
    const runId = await here.say("go");
    await agreeTo(here);
    await here.ended(runId);
    const log = await logOf(store, here.id);
    const truth = log.reduce(applyEvent, emptySession(here.id));
    for (let from = 0; from <= log.length; from += 1) {
      const frames: LiveFrame[] = [];
      const deliver = (frame: LiveFrame): unknown => frames.push(frame);
      const attachment = await others[0]?.engine.attach({ sessionId: here.id, user: ada, from, deliver });
      attachment?.start();
      expect(attachment).toMatchObject({ seq: log.length, snapshot: null });
      expect(frames).toEqual(log.slice(from));
      attachment?.detach();
    }
    const whole = await others[0]?.engine.attach({ sessionId: here.id, user: ada, deliver: () => undefined });
    expect(whole?.snapshot).toEqual(truth);
  });
});
