import { type CommandData, applyEvent, emptySession } from "@orquestra/protocol";
import { afterEach, expect, it } from "vitest";
import type { Clock } from "../../lib/clock.ts";
import { type WatchedSession, deferred, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { seededRandom } from "./random.fixture.ts";
import { echo, plan } from "./scene.fixture.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** The thread as everybody sees it who was there from the first event on. */
function threadOf({ id, events }: WatchedSession): readonly string[] {
  return events.reduce(applyEvent, emptySession(id)).messages.map(({ messageId }) => messageId);
}

/** The same as it is paged back to, from the end. Turns that only planned say nothing to a person. */
async function pagedThread(session: WatchedSession, limit: number): Promise<readonly string[]> {
  const items: { readonly messageId: string; readonly role: string; readonly text: string }[] = [];
  for (;;) {
    const before = items[0]?.messageId;
    const page = await session.command("message-list", { limit, ...(before === undefined ? {} : { before }) });
    items.unshift(...page.items);
    if (page.items.length < limit) break;
  }
  return items.filter(({ role, text }) => role === "user" || text !== "").map(({ messageId }) => messageId);
}

/** Every look at it is a millisecond later, so that no two runs leave the queue at the same one. */
function tickingClock(): Clock {
  let now = Date.parse("2026-11-22T12:00:00.000Z");
  return { now: () => (now += 1) };
}

/** A session whose model answers when it is let, some of its answers with a plan. */
async function startSession() {
  const open: (() => void)[] = [];
  let calls = 0;
  const model = scriptedModel(() => {
    calls += 1;
    const gate = deferred();
    open.push(gate.resolve);
    return { text: [`Answer ${calls}.\n`, gate.promise, calls % 3 === 0 ? plan(`${calls}. echo("${calls}")`) : ""] };
  });
  const harness = await startEngine({ model, tools: [echo], clock: tickingClock() });
  closers.push(() => harness.close());
  const letAnswer = async (): Promise<void> => {
    for (const resolve of open.splice(0)) resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { session: await harness.session(), letAnswer };
}

it("message-list pages through the very thread that the events make, whatever became of the queue", async () => {
  const random = seededRandom(process.env["ORQUESTRA_TEST_SEED"]);
  const { session, letAnswer } = await startSession();
  const oneWaiting = () => {
    const { activeRuns } = session.events.reduce(applyEvent, emptySession(session.id));
    const queue = Object.values(activeRuns).filter(({ status }) => status === "queued");
    return queue[random.between(0, Math.max(0, queue.length - 1))];
  };
  // What was waiting may have begun meanwhile: then it is refused, and that is as good.
  const change = async (data: Omit<CommandData<"queue-update">, "messageId">): Promise<void> => {
    const messageId = oneWaiting()?.messageId;
    if (messageId !== undefined) await session.command("queue-update", { messageId, ...data }).catch(() => undefined);
  };
  const actions: readonly (() => Promise<unknown>)[] = [
    () => session.say("later"),
    () => session.say("later"),
    () => session.say("now", { whenBusy: "interrupt" }),
    () => change({ position: random.between(0, 3) }),
    () => change({ remove: true }),
    async () => {
      const runId = oneWaiting()?.runId;
      if (runId !== undefined) await session.command("run-cancel", { runId });
    },
    letAnswer,
  ];
  for (let step = 0; step < 80; step += 1) await actions[random.between(0, actions.length - 1)]?.();
  const last = await session.say("last");
  while (!session.events.some(({ runId, type }) => runId === last && type === "run-completed")) await letAnswer();
  const thread = threadOf(session);
  expect(thread.length).toBeGreaterThan(10);
  for (const limit of [1, 7, 50]) expect(await pagedThread(session, limit)).toEqual(thread);
});
