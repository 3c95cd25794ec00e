import assert from "node:assert/strict";
import { type SessionState, applyEvent, emptySession } from "@orquestra/protocol";
import { newId } from "../../lib/ids.ts";
import type { Store } from "../../persistence/index.ts";
import { hardText } from "./records.ts";
import { assertRefused, at, changes, notice, notices, seqsOf, session, type StoreCheck, textsOf } from "./scene.ts";

/** The state after the session's events up to that seq. */
async function stateAt(store: Store, sessionId: string, seq: number): Promise<SessionState> {
  return (await store.events.read(sessionId, 0, seq)).reduce(applyEvent, emptySession(sessionId));
}

/** Every session of those that begin before that time, a page of two at a time. */
async function startingBefore(store: Store, time: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (let after: string | null = null; ;) {
    const page: readonly string[] = await store.events.startingBefore(time, { after, limit: 2 });
    found.push(...page);
    after = page.at(-1) ?? null;
    if (page.length < 2) return found;
  }
}

export const trimChecks: { readonly [title: string]: StoreCheck } = {
  "forgets events and keeps what they add up to": async ({ store, tested, sessionId }) => {
    await store.commit({ sessionId, events: [{ type: "session-updated", data: { title: hardText } }], changes: [], at });
    await store.commit(notices(sessionId, "b", "c", "d"));
    assert.equal(await store.snapshots.newest(sessionId), null);
    const state = await stateAt(store, sessionId, 3);
    await store.events.trim(state);
    assert.deepEqual(textsOf(await store.events.read(sessionId, 0, 10)), ["d"]);
    assert.deepEqual(textsOf(await store.events.read(sessionId, 2, 1)), ["d"]);
    assert.deepEqual(await store.snapshots.newest(sessionId), state);
    assert.deepEqual(seqsOf(await store.commit(notices(sessionId, "e"))), [5]);
    const again = (await tested.reopen?.()) ?? store;
    assert.deepEqual(await again.snapshots.newest(sessionId), state);
    assert.deepEqual(seqsOf(await again.events.read(sessionId, 0, 10)), [4, 5]);
  },
  "goes on counting when nothing is left of a log": async ({ store, sessionId }) => {
    await store.commit(notices(sessionId, "a", "b"));
    await store.events.trim(await stateAt(store, sessionId, 2));
    assert.deepEqual(await store.events.read(sessionId, 0, 10), []);
    assert.equal(await store.events.lastSeq(sessionId), 2);
    assert.deepEqual(seqsOf(await store.commit(notices(sessionId, "c"))), [3]);
  },
  "keeps the newer of two states": async ({ store, sessionId }) => {
    await store.commit(notices(sessionId, "a", "b", "c"));
    const [older, newer] = [await stateAt(store, sessionId, 1), await stateAt(store, sessionId, 2)];
    await Promise.all([store.events.trim(newer), store.events.trim(older)]);
    assert.equal((await store.snapshots.newest(sessionId))?.seq, 2);
    assert.deepEqual(seqsOf(await store.events.read(sessionId, 0, 10)), [3]);
  },
  "lets a log begin behind a state that comes from elsewhere": async ({ store, sessionId }) => {
    await store.events.trim({ ...emptySession(sessionId), seq: 40, title: "Elsewhere" });
    assert.equal(await store.events.lastSeq(sessionId), 40);
    assert.deepEqual(seqsOf(await store.commit(notices(sessionId, "a"))), [41]);
    assert.deepEqual(seqsOf(await store.events.read(sessionId, 0, 10)), [41]);
    assert.deepEqual(seqsOf(await store.events.read(sessionId, 40, 10)), [41]);
  },
  "trims nothing of a session that is not there, and forgets the state with its session": async ({ store, sessionId }) => {
    await assertRefused(store.events.trim({ ...emptySession(newId()), seq: 1 }), "not_found");
    await store.events.trim({ ...emptySession(sessionId), seq: 7 });
    await store.commit(changes({ delete: "sessions", id: sessionId }));
    assert.equal(await store.snapshots.newest(sessionId), null);
  },
  "finds the sessions whose log begins before a time": async ({ store, userId, sessionId }) => {
    const ids = Array.from({ length: 5 }, () => newId());
    const started = (id: string, time: string) =>
      store.commit({ sessionId: id, events: [notice("a"), notice("b")], changes: [], at: time });
    for (const id of ids) await store.commit(changes({ put: "sessions", record: session({ id, userId }) }));
    const times = ["1980-01-02", "1980-01-01", "1980-01-03", "1980-01-01", "1980-01-02"];
    for (const [index, id] of ids.entries()) await started(id, `${times[index] ?? ""}T00:00:00.000Z`);
    const mine = async (time: string) => (await startingBefore(store, time)).filter((id) => ids.includes(id) || id === sessionId);
    const sorted = (...indexes: readonly number[]) =>
      ids.filter((_, index) => indexes.includes(index)).toSorted((a, b) => (a < b ? -1 : 1));
    assert.deepEqual(await mine("1980-01-01T00:00:00.000Z"), []);
    assert.deepEqual(await mine("1980-01-03T00:00:00.000Z"), sorted(0, 1, 3, 4));
    await store.events.trim({ ...emptySession(ids[0] ?? ""), seq: 2 });
    assert.deepEqual(await mine("1980-01-03T00:00:00.000Z"), sorted(1, 3, 4));
  },
  "lets one at a time take a chore, until its time is over": async ({ store }) => {
    const name = newId();
    const taken = await Promise.all(Array.from({ length: 5 }, () => store.chores.take(name, 60_000)));
    assert.equal(taken.filter((got) => got).length, 1);
    assert.equal(await store.chores.take(`${name} another`, 0), true);
    assert.equal(await store.chores.take(`${name} another`, 60_000), true);
  },
};
