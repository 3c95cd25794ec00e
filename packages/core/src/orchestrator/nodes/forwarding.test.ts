import { expect, it } from "vitest";
import { systemClock } from "../../lib/clock.ts";
import { openInMemoryCluster, openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { ada } from "../../testing/engine-harness.ts";
import { type Outage, outage } from "../../testing/integration/late-store.fixture.ts";
import { Forwarding } from "./forwarding.ts";
import { defaultTiming } from "./timing.ts";

const command = { v: 1, id: "c1", type: "run-cancel", sessionId: "s1", data: { runId: "r1" } } as const;

/** The other node is this test: it has the session and says when it has answered. */
function stage(answerMs: number): {
  readonly forwarding: Forwarding;
  readonly database: Outage;
  readonly answer: () => Promise<void>;
} {
  const inner = openInMemoryStore();
  const holder = (): Promise<string> => Promise.resolve("other");
  const database = outage({ ...inner, ownership: { ...inner.ownership, holder } });
  const timing = { ...defaultTiming, beatMs: 10, answerMs };
  const forwarding = new Forwarding({ store: database.store, cluster: openInMemoryCluster(), clock: systemClock, timing });
  const answer = (): Promise<void> => inner.forwarded.answer(ada.id, command.id, { ok: true, reply: { done: true } });
  return { forwarding, database, answer };
}

it.each(["forwarded.post", "forwarded.answerOf", "ownership.holder"])(
  "a database that goes away at %s while a command is on its way to another node costs it nothing but time",
  async (question) => {
    const { forwarding, database, answer } = stage(60_000);
    database.downAt(question);
    const refused = database.refused();
    const sent = forwarding.send(command, ada, "other");
    await refused;
    database.down = false;
    await expect.poll(() => database.store.forwarded.answerOf(ada.id, command.id)).toBe(null);
    await answer();
    expect(await sent).toEqual({ status: "answered", reply: { done: true } });
  },
);

it.each(["an answer", "a refusal"])(
  "a command is not left behind for later holders of its session once it has %s",
  async (what) => {
    const { forwarding, database } = stage(60_000);
    const sent = forwarding.send(command, ada, "other");
    await expect.poll(() => database.store.forwarded.answerOf(ada.id, command.id)).toBe(null);
    const error = { code: "conflict", message: "That run is not under way.", retryable: false } as const;
    await database.store.forwarded.answer(
      ada.id,
      command.id,
      what === "an answer" ? { ok: true, reply: {} } : { ok: false, error },
    );
    const became = await sent.catch((why: unknown) => why);
    expect(became).toMatchObject(what === "an answer" ? { status: "answered", reply: {} } : error);
    expect(await database.store.forwarded.answerOf(ada.id, command.id)).toBe(undefined);
  },
);

it("a command that may be on its way is not said to be undone where the database stays away", async () => {
  const { forwarding, database } = stage(30);
  database.downAt("forwarded.answerOf");
  await expect(forwarding.send(command, ada, "other")).rejects.toMatchObject({
    code: "unavailable",
    message: "The server that works on this session does not answer. Try again in a moment.",
    retryable: true,
  });
});
