import { afterEach, describe, expect, it } from "vitest";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { deferred, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { holding } from "./late-store.fixture.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A session whose model answers to "one" and "two" when it is let, and three messages in it, of which the first runs. */
async function threeMessages(question: "runs.active" | "runs.get") {
  const [one, two] = [deferred(), deferred()];
  const model = scriptedModel(({ messages }) => {
    const said = JSON.stringify(messages.at(-1));
    return { text: said.includes("one") ? [one.promise, "1"] : said.includes("two") ? [two.promise, "2"] : ["3"] };
  });
  const { store, hold, held } = holding(openInMemoryStore(), question);
  const harness = await startEngine({ model, store });
  closers.push(() => harness.close());
  const session = await harness.session();
  const send = (text: string) => session.command("message-send", { text });
  const messages = [await send("one"), await send("two"), await send("three")] as const;
  await session.until("turn-started");
  /** Lets the first run end, and the second be taken up. */
  const secondBegins = async (): Promise<void> => {
    one.resolve();
    await session.until("turn-started", ({ runId }) => runId === messages[1].runId);
  };
  return { store, hold, held, session, messages, secondBegins, two };
}

describe("a change of the queue while its first message is being taken up", () => {
  it("does not put back what has begun: the order holds for what still waits", async () => {
    const { store, hold, held, session, messages, secondBegins, two } = await threeMessages("runs.active");
    const [, second, third] = messages;
    const release = hold();
    const moved = session.command("queue-update", { messageId: third.messageId, position: 0 });
    await held();
    await secondBegins();
    release();
    await moved;
    expect(await store.runs.get(second.runId)).toMatchObject({ status: "running", epoch: 1 });
    two.resolve();
    expect(await session.ended(second.runId)).toMatchObject({ type: "run-completed" });
    expect(await session.ended(third.runId)).toMatchObject({ type: "run-completed" });
  });

  it.each([{ position: 1 }, { text: "rather this" }, { remove: true }])(
    "of that message itself, %j, comes too late and says so",
    async (change) => {
      const { store, hold, held, session, messages, secondBegins, two } = await threeMessages("runs.active");
      const [, second] = messages;
      const release = hold();
      const changed = session.command("queue-update", { messageId: second.messageId, ...change });
      const refused = expect(changed).rejects.toMatchObject({
        code: "not_found",
        message: "That message is not waiting (any more).",
      });
      await held();
      await secondBegins();
      release();
      await refused;
      two.resolve();
      expect(await session.ended(second.runId)).toMatchObject({ type: "run-completed" });
      expect((await store.messages.get(second.messageId))?.text).toBe("two");
    },
  );
});

it("a run that is cancelled while it leaves the queue ends cancelled, once", async () => {
  const { store, hold, held, session, messages, secondBegins, two } = await threeMessages("runs.get");
  const [, second, third] = messages;
  const release = hold(1);
  const cancelled = session.command("run-cancel", { runId: second.runId });
  await held();
  await secondBegins();
  release();
  await cancelled;
  await session.ended(second.runId);
  two.resolve();
  await session.ended(third.runId);
  const ends = session.events.filter(({ runId, type }) => runId === second.runId && /completed|failed|cancelled/.test(type));
  expect(ends.map(({ type }) => type)).toEqual(["turn-completed", "run-cancelled"]);
  expect((await store.runs.get(second.runId))?.status).toBe("cancelled");
});

it("what changes again and again under a command is given up with a word to the person", async () => {
  const inner = openInMemoryStore();
  // Queued runs as they were before somebody else's last change.
  const active: typeof inner.runs.active = async (sessionId) =>
    (await inner.runs.active(sessionId)).map((run) => (run.status === "queued" ? { ...run, epoch: -1 } : run));
  const store = { ...inner, runs: { ...inner.runs, active } };
  const gate = deferred();
  const harness = await startEngine({ model: scriptedModel([{ text: [gate.promise] }]), store });
  closers.push(() => harness.close());
  const session = await harness.session();
  await session.say("one");
  const { messageId } = await session.command("message-send", { text: "two" });
  await expect(session.command("queue-update", { messageId, position: 0 })).rejects.toMatchObject({
    code: "conflict",
    message: "It changed while this was carried out. Try again.",
    retryable: true,
  });
});
