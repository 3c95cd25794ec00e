import { afterAll, describe, expect, it } from "vitest";
import { newId } from "../../lib/ids.ts";
import type { Store } from "../../persistence/index.ts";
import { type WatchedSession, deferred } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { closedTexts, expectTextWithinParts, logOf, textsIn } from "./live-frames.fixture.ts";
import { testNodes } from "./nodes.fixture.ts";
import { changing, echo, plan, projectFolder } from "./scene.fixture.ts";

const nodes = await testNodes();
const folder = projectFolder();
afterAll(() => folder.remove());
const slow = { timeout: 60_000 };
const patient = { timeout: 20_000 };
/** No test may depend on a lease that ends. */
const timing = { leaseMs: 60_000 } as const;

type Text = string | readonly (string | Promise<unknown>)[];

/** Two nodes with one model, somebody who watches at each, and what is said at the first. Either of them may work on the run. */
async function scene(...texts: readonly Text[]) {
  const model = scriptedModel(texts.map((text) => ({ text })));
  const tools = [echo, changing([])];
  const firstId = newId();
  const options = { model, tools, timing, workspaces: folder.workspaces };
  const first = await nodes.start({ ...options, nodeId: firstId });
  const second = await nodes.start(options);
  const here = await first.session();
  const there = await second.watch(here.id);
  const both = [here, there];
  const ended = (runId: string) => Promise.all(both.map((session) => session.ended(runId)));
  const atFirst = async () => (await first.store.ownership.holder(here.id)) === firstId;
  return { first, second, here, there, both, ended, atFirst };
}

/** All of them have the whole log, and of every part all its text as it was written. */
async function expectWhole(store: Store, sessions: readonly WatchedSession[]): Promise<void> {
  const log = await logOf(store, sessions[0]?.id ?? "");
  for (const { events, frames } of sessions) {
    await expect.poll(() => events.length).toBe(log.length);
    expect(events).toEqual(log);
    expect(textsIn(frames)).toEqual(closedTexts(log));
    expectTextWithinParts(frames);
  }
}

const textOf = ({ frames }: WatchedSession): string => [...textsIn(frames).values()].join("|");

describe.skipIf(!nodes.present)("clients at two nodes", () => {
  it("see one run alike, and the text of it while it is written", slow, async () => {
    const gate = deferred();
    const looking = `Looking.\n${plan('1. echo("a")', '2. echo("b{{$1.value}}")')}`;
    const { first, here, both, ended } = await scene(looking, ["One, ", gate.promise, "two."]);
    const runId = await here.say("go");
    for (const session of both) await expect.poll(() => textOf(session), patient).toBe("Looking.\n|One, ");
    gate.resolve();
    await ended(runId);
    await expectWhole(first.store, both);
  });

  it("have an approval that is answered at one of them resolved at both", slow, async () => {
    const { first, here, there, both, ended } = await scene(plan('1. change("a")'), "Done.");
    const runId = await here.say("change it");
    await here.until("approval-requested");
    const { data } = await there.until("approval-requested");
    await there.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    await ended(runId);
    await expectWhole(first.store, both);
    expect(here.all("approval-resolved")).toHaveLength(1);
  });

  it("lose nothing to a Redis that is killed in the middle of an answer and comes back", slow, async () => {
    const [killed, back, again] = [deferred(), deferred(), deferred()];
    const text = ["One, ", killed.promise, "two, ", back.promise, "three, ", again.promise, "four."];
    const { first, second, here, both, ended } = await scene(text);
    const runId = await here.say("count");
    for (const session of both) await expect.poll(() => textOf(session), patient).toBe("One, ");
    await nodes.redis?.halt();
    killed.resolve();
    await expect.poll(() => both.map(textOf), patient).toContain("One, two, ");
    await nodes.redis?.restart();
    for (const { cluster } of [first, second]) await expect.poll(() => cluster.health.status, patient).toBe("ok");
    back.resolve();
    // What was lost on the way is read from what the node that writes has kept anew.
    for (const session of both) await expect.poll(() => textOf(session), patient).toBe("One, two, three, ");
    again.resolve();
    await ended(runId);
    await expectWhole(first.store, both);
  });

  it("get every event, and with the one that closes a part its text, while there is no Redis at all", slow, async () => {
    const gate = deferred();
    const { first, second, here, both, ended } = await scene(["One.\n", gate.promise, plan('1. echo("a")')], "Two, three.");
    const runId = await here.say("count");
    await Promise.all(both.map((session) => session.until("part-opened")));
    await nodes.redis?.halt();
    gate.resolve();
    await ended(runId);
    await expectWhole(first.store, both);
    for (const node of [first, second]) expect((await node.watch(here.id)).events).toEqual(here.events);
    await nodes.redis?.restart();
  });

  it("go on when the node that works on the run ends and another takes it up", slow, async () => {
    const { first, second, here, there, both, atFirst } = await scene(["One, ", deferred().promise], "Two.");
    const runId = await here.say("count");
    for (const session of both) await expect.poll(() => textOf(session), patient).toBe("One, ");
    const [ending, left, watching] = (await atFirst()) ? [first, second, there] : [second, first, here];
    await ending.close();
    await watching.ended(runId);
    expect(watching.events).toEqual(await logOf(left.store, here.id));
    expectTextWithinParts(watching.frames);
    expect(textOf(watching)).toContain("Two.");
  });
});
