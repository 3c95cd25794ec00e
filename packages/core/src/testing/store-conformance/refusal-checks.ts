import assert from "node:assert/strict";
import { newId } from "../../lib/ids.ts";
import { type Batch, type CommandRecord, StoreError } from "../../persistence/index.ts";
import { preference, run } from "./records.ts";
import { assertRefused, at, changes, notice, notices, type Scene, seqsOf, type StoreCheck } from "./scene.ts";

function command({ userId }: Scene, given: Partial<CommandRecord> = {}): CommandRecord {
  return { userId, id: newId(), sessionId: null, bodyHash: "hash", reply: { ok: true }, at, ...given };
}

/** A batch that leaves traces everywhere. */
function fullBatch(scene: Scene, given: Partial<Batch>): Batch {
  return {
    sessionId: scene.sessionId,
    events: [notice("a")],
    changes: [
      { put: "preferences", record: preference(scene) },
      { count: "tool-usage", record: { day: "2026-03-01", userId: scene.userId, tool: "shell", calls: 1, errors: 0, ms: 1 } },
    ],
    at,
    ...given,
  };
}

async function assertNothingWritten({ store, sessionId, userId }: Scene): Promise<void> {
  assert.equal(await store.events.lastSeq(sessionId), 0);
  assert.deepEqual(await store.events.read(sessionId, 0, 10), []);
  assert.deepEqual(await store.preferences.list(userId), []);
  assert.deepEqual(await store.toolUsage.list(userId), []);
}

/** How the works ended: the codes of those that were refused, and how many were not. */
async function outcomes(
  works: readonly Promise<unknown>[],
): Promise<{ readonly done: number; readonly refused: readonly string[] }> {
  const settled = await Promise.allSettled(works);
  const refused = settled.flatMap((result) =>
    result.status === "fulfilled" ? [] : [result.reason instanceof StoreError ? result.reason.code : String(result.reason)],
  );
  return { done: settled.length - refused.length, refused };
}

export const refusalChecks: { readonly [title: string]: StoreCheck } = {
  "writes nothing for a run at another epoch": async (scene) => {
    const { store } = scene;
    const record = run(scene, { epoch: 2 });
    await store.commit(changes({ put: "runs", record }));
    for (const epoch of [1, 3]) {
      const fence = { runId: record.id, epoch };
      const put = { put: "runs", record: { ...record, status: "failed" } } as const;
      await assertRefused(store.commit(fullBatch(scene, { fence, command: command(scene) })), "stale_epoch");
      await assertRefused(store.commit({ ...notices(scene.sessionId, "a"), fence }), "stale_epoch");
      await assertRefused(store.commit({ ...changes(put), fence }), "stale_epoch");
    }
    await assertRefused(store.commit(fullBatch(scene, { fence: { runId: newId(), epoch: 0 } })), "stale_epoch");
    await assertNothingWritten(scene);
    assert.deepEqual(await store.runs.get(record.id), record);
  },
  "writes for a run at its epoch": async (scene) => {
    const { store, sessionId } = scene;
    const record = run(scene, { epoch: 2 });
    const fence = { runId: record.id, epoch: 2 };
    await store.commit(changes({ put: "runs", record }));
    const put = { put: "runs", record: { ...record, status: "running" } } as const;
    assert.deepEqual(seqsOf(await store.commit({ ...notices(sessionId, "a"), fence })), [1]);
    assert.deepEqual(seqsOf(await store.commit({ ...notices(sessionId, "b"), changes: [put], fence })), [2]);
    assert.equal((await store.runs.get(record.id))?.status, "running");
  },
  "lets a run be taken over by one node, and refuses the one before": async (scene) => {
    const { store, sessionId } = scene;
    const record = run(scene, { epoch: 1, owner: "old" });
    await store.commit(changes({ put: "runs", record }));
    const takeOver = (owner: string): Batch => ({
      ...notices(sessionId, `taken by ${owner}`),
      changes: [{ put: "runs", record: { ...record, epoch: 2, owner } }],
      fence: { runId: record.id, epoch: 1 },
    });
    const { done, refused } = await outcomes(["a", "b", "c", "d"].map((owner) => store.commit(takeOver(owner))));
    assert.equal(done, 1);
    assert.deepEqual(refused, ["stale_epoch", "stale_epoch", "stale_epoch"]);
    await assertRefused(store.commit({ ...notices(sessionId, "revived"), fence: { runId: record.id, epoch: 1 } }), "stale_epoch");
    assert.equal(await store.events.lastSeq(sessionId), 1);
  },
  "carries out a command once": async (scene) => {
    const { store, sessionId, userId } = scene;
    const record = command(scene, { reply: null });
    await store.commit({ ...notices(sessionId, "once"), command: record });
    await assertRefused(store.commit(fullBatch(scene, { command: { ...record, bodyHash: "other" } })), "duplicate_command");
    assert.deepEqual(await store.commands.get(userId, record.id), record);
    assert.equal(await store.events.lastSeq(sessionId), 1);
    assert.deepEqual(await store.preferences.list(userId), []);
  },
  "carries out a command once when it comes several times at the same moment": async (scene) => {
    const { store, sessionId } = scene;
    const record = command(scene);
    const { done, refused } = await outcomes(
      Array.from({ length: 5 }, (_, index) => store.commit({ ...notices(sessionId, `${index}`), command: record })),
    );
    assert.equal(done, 1);
    assert.deepEqual([...new Set(refused)], ["duplicate_command"]);
    assert.equal(await store.events.lastSeq(sessionId), 1);
  },
  "keeps the commands of users apart": async (scene) => {
    const { store } = scene;
    const mine = command(scene);
    const theirs = { ...mine, userId: newId(), reply: ["theirs"] };
    await store.commit({ ...changes(), command: mine });
    await store.commit({ ...changes(), command: theirs });
    assert.deepEqual(await store.commands.get(mine.userId, mine.id), mine);
    assert.deepEqual(await store.commands.get(theirs.userId, theirs.id), theirs);
    assert.equal(await store.commands.get(newId(), mine.id), null);
  },
  "forgets commands older than asked for": async (scene) => {
    const { store, userId } = scene;
    const old = command(scene, { at: "1990-01-01T00:00:00.000Z" });
    const young = command(scene, { at: "1990-01-08T00:00:00.000Z" });
    await store.commit({ ...changes(), command: old });
    await store.commit({ ...changes(), command: young });
    assert.equal(await store.commands.trim("1990-01-08T00:00:00.000Z"), 1);
    assert.equal(await store.commands.get(userId, old.id), null);
    assert.deepEqual(await store.commands.get(userId, young.id), young);
    assert.equal(await store.commands.trim("1990-01-09T00:00:00.000Z"), 1);
  },
};
