import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { newId } from "../../lib/ids.ts";
import type { Ownership, RunRecord, SessionRecord, Store } from "../../persistence/index.ts";
import { run } from "./records.ts";
import { assertRefused, at, changes, notices, type Scene, session, type StoreCheck } from "./scene.ts";

/** Longer than any test. */
const livesOn = { leaseMs: 600_000 };

/** A node that lives until it is ended. */
async function node({ ownership }: Store): Promise<string> {
  const id = `node-${newId()}`;
  await ownership.beat(id, livesOn);
  return id;
}

/** Polls until the node's lease, a short one, has run out. */
export async function expired(ownership: Ownership, nodeId: string): Promise<void> {
  while ((await ownership.nodes()).includes(nodeId)) await wait(5);
}

async function put({ store, ...home }: Pick<Scene, "store" | "userId" | "sessionId">, given: Partial<RunRecord>) {
  const record = run(home, given);
  await store.commit(changes({ put: "runs", record }));
  return record;
}

function claim(store: Store, sessionId: string, nodeId: string, parked = false): Promise<RunRecord | null> {
  return store.ownership.claim({ sessionId, nodeId, parked });
}

/** The run's wake-ups among all that the store has. */
async function runnable({ ownership }: Store, sessionIds: readonly string[]): Promise<readonly string[]> {
  const all = await ownership.runnable(100_000);
  return all.filter(({ sessionId }) => sessionIds.includes(sessionId)).map(({ runId }) => runId);
}

async function sessions({ store, userId }: Scene, count: number): Promise<readonly string[]> {
  const records: SessionRecord[] = Array.from({ length: count }, () => session({ id: newId(), userId }));
  await store.commit(changes(...records.map((record) => ({ put: "sessions", record }) as const)));
  return records.map(({ id }) => id);
}

export const ownershipChecks: { readonly [title: string]: StoreCheck } = {
  "lets a node live while its lease does, and says when that had run out": async ({ store }) => {
    const { ownership } = store;
    const [steady, short] = [`node-${newId()}`, `node-${newId()}`];
    assert.equal(await ownership.beat(steady, livesOn), true);
    assert.equal(await ownership.beat(short, { leaseMs: 20 }), true);
    await expired(ownership, short);
    assert.equal(await ownership.beat(short, livesOn), false, "others may have taken its runs");
    assert.equal(await ownership.beat(short, livesOn), true);
    assert.equal(await ownership.beat(steady, livesOn), true);
    const living = (await ownership.nodes()).filter((id) => id === steady || id === short);
    assert.deepEqual(living.toSorted(), [steady, short].toSorted());
  },
  "gives the runs of a node that ended away at once": async ({ store, ...home }) => {
    const [former, next] = [await node(store), await node(store)];
    const { id } = await put({ store, ...home }, {});
    assert.equal((await claim(store, home.sessionId, former))?.id, id);
    assert.equal(await claim(store, home.sessionId, next), null);
    await store.ownership.end(former);
    assert.equal((await store.ownership.nodes()).includes(former), false);
    assert.equal(await store.ownership.holder(home.sessionId), null);
    const claimed = await claim(store, home.sessionId, next);
    assert.deepEqual([claimed?.id, claimed?.owner, claimed?.epoch], [id, next, 2]);
  },
  "ends all others for a node that is alone": async ({ store, ...home }) => {
    const [former, only] = [await node(store), await node(store)];
    await put({ store, ...home }, {});
    assert.ok(await claim(store, home.sessionId, former));
    assert.equal(await store.ownership.beat(only, { leaseMs: null, alone: true }), true);
    assert.deepEqual(await store.ownership.nodes(), [only]);
    assert.equal((await claim(store, home.sessionId, only))?.epoch, 2);
    assert.equal(await store.ownership.beat(former, livesOn), false, "it is told when it comes back");
    await store.ownership.end(former);
  },
  "ends the endless lease of a node that was alone when another comes": async ({ store, ...home }) => {
    const { ownership } = store;
    const former = `node-${newId()}`;
    await ownership.beat(former, { leaseMs: null, alone: true });
    assert.equal(await ownership.beat(former, { leaseMs: null, alone: true }), true);
    await put({ store, ...home }, {});
    assert.ok(await claim(store, home.sessionId, former));
    const next = await node(store);
    assert.equal((await ownership.nodes()).includes(former), false);
    assert.equal((await claim(store, home.sessionId, next))?.epoch, 2);
  },
  "makes a node the owner of the run as its row is then": async ({ store, ...home }) => {
    const nodeId = await node(store);
    assert.equal(await claim(store, home.sessionId, nodeId), null, "there is no run");
    const record = await put({ store, ...home }, { usage: { inputTokens: 1, outputTokens: 2 }, cost: 0.5, epoch: 6 });
    const claimed = await claim(store, home.sessionId, nodeId);
    assert.deepEqual(claimed, { ...record, owner: nodeId, epoch: 7 });
    assert.deepEqual(await store.runs.get(record.id), claimed);
    assert.equal(await store.ownership.holder(home.sessionId), nodeId);
    assert.equal(await claim(store, newId(), nodeId), null, "there is no such session");
  },
  "remembers where in its session's log a run was first claimed": async ({ store, ...home }) => {
    const { sessionId } = home;
    const nodeId = await node(store);
    await store.commit(notices(sessionId, "a", "b"));
    const { id } = await put({ store, ...home }, {});
    assert.equal(await store.events.lastBefore(id), 0);
    const claimed = await claim(store, sessionId, nodeId);
    assert.ok(claimed);
    await store.commit({
      ...notices(sessionId, "c"),
      changes: [{ put: "runs", record: { ...claimed, status: "running", startedAt: at } }],
    });
    await claim(store, sessionId, nodeId);
    assert.equal(await store.events.lastBefore(id), 2);
    assert.equal(await store.events.lastBefore(newId()), 0);
  },
  "says nothing of where in the log a run began that it did not see begin": async ({ store, ...home }) => {
    await store.commit(notices(home.sessionId, "a", "b"));
    const { id } = await put({ store, ...home }, { status: "running", startedAt: at });
    assert.ok(await claim(store, home.sessionId, await node(store)));
    assert.equal(await store.events.lastBefore(id), 0);
  },
  "lets a node claim anew what it has": async ({ store, ...home }) => {
    const nodeId = await node(store);
    const record = await put({ store, ...home }, { status: "waiting" });
    assert.equal((await claim(store, home.sessionId, nodeId, true))?.epoch, 1);
    assert.deepEqual(await claim(store, home.sessionId, nodeId), { ...record, owner: nodeId, epoch: 2 });
  },
  "gives nothing to a node whose own lease has run out": async ({ store, ...home }) => {
    const { ownership } = store;
    const nodeId = `node-${newId()}`;
    const record = await put({ store, ...home }, {});
    assert.equal(await claim(store, home.sessionId, nodeId), null, "it has never been heard of");
    await ownership.beat(nodeId, { leaseMs: 10 });
    await expired(ownership, nodeId);
    assert.equal(await claim(store, home.sessionId, nodeId), null);
    assert.deepEqual(await store.runs.get(record.id), record);
    await ownership.beat(nodeId, livesOn);
    assert.equal((await claim(store, home.sessionId, nodeId))?.id, record.id);
  },
  "frees a run when its owner's lease has run out, and refuses what that one still writes": async ({ store, ...home }) => {
    const { ownership } = store;
    const [late, next] = [`node-${newId()}`, await node(store)];
    await ownership.beat(late, livesOn);
    const { id } = await put({ store, ...home }, {});
    const before = await claim(store, home.sessionId, late);
    assert.ok(before);
    assert.deepEqual(await runnable(store, [home.sessionId]), []);
    await ownership.beat(late, { leaseMs: 20 });
    await expired(ownership, late);
    assert.equal(await ownership.holder(home.sessionId), null);
    assert.deepEqual(await runnable(store, [home.sessionId]), [id]);
    const after = await claim(store, home.sessionId, next);
    assert.deepEqual([after?.owner, after?.epoch], [next, 2]);
    const result = { put: "runs", record: { ...before, status: "completed" } } as const;
    const fence = { runId: id, epoch: before.epoch };
    await assertRefused(store.commit({ ...notices(home.sessionId, "late"), changes: [result], fence }), "stale_epoch");
    await assertRefused(store.commit({ ...changes(result), fence }), "stale_epoch");
    await assertRefused(store.commit({ ...notices(home.sessionId, "late"), fence }), "stale_epoch");
    assert.deepEqual(await store.runs.get(id), after);
    assert.equal(await ownership.beat(late, livesOn), false);
    assert.equal(await claim(store, home.sessionId, late), null, "it comes back, but the run is another's now");
  },
  "claims what has begun before what was queued ahead of it": async ({ store, ...home }) => {
    const [nodeId, other] = [await node(store), await node(store)];
    const begun = await put({ store, ...home }, { status: "running", queuedAt: "2026-03-01T10:02:00.000Z" });
    const urgent = await put({ store, ...home }, { queuedAt: "2026-03-01T10:01:00.000Z" });
    const last = await put({ store, ...home }, { queuedAt: "2026-03-01T10:03:00.000Z" });
    const first = await claim(store, home.sessionId, nodeId);
    assert.equal(first?.id, begun.id);
    await store.commit(changes({ put: "runs", record: { ...first, status: "completed" } }));
    assert.equal(await store.ownership.holder(home.sessionId), null);
    assert.deepEqual(await runnable(store, [home.sessionId]), [urgent.id]);
    assert.equal((await claim(store, home.sessionId, nodeId))?.id, urgent.id);
    const ahead = await put({ store, ...home }, { queuedAt: "2026-03-01T10:00:00.000Z" });
    assert.equal(await claim(store, home.sessionId, other), null, "the session is worked on, though its run has not begun");
    assert.deepEqual(await runnable(store, [home.sessionId]), []);
    const line = (await store.runs.active(home.sessionId)).map(({ id }) => id);
    assert.deepEqual(line, [urgent.id, ahead.id, last.id]);
  },
  "leaves a parked run alone until somebody asks for it": async ({ store, ...home }) => {
    const nodeId = await node(store);
    const parked = await put({ store, ...home }, { status: "waiting", epoch: 3 });
    await put({ store, ...home }, { queuedAt: "2026-03-01T10:00:00.000Z" });
    assert.deepEqual(await runnable(store, [home.sessionId]), [], "neither it nor what is queued behind it");
    assert.equal(await claim(store, home.sessionId, nodeId), null);
    assert.equal(await store.ownership.holder(home.sessionId), null);
    assert.deepEqual(await claim(store, home.sessionId, nodeId, true), { ...parked, owner: nodeId, epoch: 4 });
    await store.ownership.end(nodeId);
    assert.deepEqual(await runnable(store, [home.sessionId]), [parked.id], "nobody has put it down, its owner went away with it");
  },
  "finds what can be worked on, one run a session, longest queued first": async (scene) => {
    const { store, userId } = scene;
    const ids = await sessions(scene, 6);
    const [mine, gone] = [await node(store), await node(store)];
    const given: readonly Partial<RunRecord>[] = [
      { queuedAt: "2026-03-01T10:05:00.000Z" },
      { queuedAt: "2026-03-01T10:04:00.000Z", status: "running", owner: gone },
      { queuedAt: "2026-03-01T10:03:00.000Z", status: "running", owner: mine },
      { queuedAt: "2026-03-01T10:02:00.000Z", status: "waiting" },
      { queuedAt: "2026-03-01T10:01:00.000Z", status: "failed" },
      { queuedAt: "2026-03-01T10:00:00.000Z", status: "running" },
    ];
    const runs = await Promise.all(ids.map((sessionId, index) => put({ store, userId, sessionId }, given[index] ?? {})));
    for (const sessionId of ids) await put({ store, userId, sessionId }, { queuedAt: "2026-03-01T11:00:00.000Z" });
    await store.ownership.end(gone);
    const found = await runnable(store, ids);
    const behindFailed = found.filter((id) => runs.every((each) => each.id !== id));
    assert.equal(behindFailed.length, 1);
    assert.deepEqual(found, [runs[5]?.id, runs[1]?.id, runs[0]?.id, behindFailed[0]]);
    assert.equal((await store.ownership.runnable(2)).length, 2);
  },
  "gives a session to one of many that claim it at the same moment": async (scene) => {
    const { store, userId } = scene;
    const ids = await sessions(scene, 5);
    for (const sessionId of ids) await put({ store, userId, sessionId }, {});
    const nodes = await Promise.all([1, 2, 3, 4].map(() => node(store)));
    const claims = ids.flatMap((sessionId) => nodes.map((nodeId) => claim(store, sessionId, nodeId)));
    const won = (await Promise.all(claims)).filter((claimed) => claimed !== null);
    assert.deepEqual(won.map(({ sessionId }) => sessionId).toSorted(), ids.toSorted());
    assert.deepEqual(new Set(won.map(({ epoch }) => epoch)), new Set([1]));
  },
};
