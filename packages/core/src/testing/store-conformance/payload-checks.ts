import assert from "node:assert/strict";
import { newId } from "../../lib/ids.ts";
import type { TodoRecord } from "../../persistence/index.ts";
import { checkpoint, hardJson, hardText, todo } from "./records.ts";
import { changes, idsOf, session, type StoreCheck } from "./scene.ts";

/** Far more than a row holds well, and nothing that compresses away. */
function bigText(length: number): string {
  return Array.from({ length: Math.ceil(length / 36) }, () => newId()).join("");
}

export const payloadChecks: { readonly [title: string]: StoreCheck } = {
  "gives one todo by its run and id": async ({ store, ...home }) => {
    const record = todo(home, { result: hardJson });
    await store.commit(changes({ put: "todos", record }, { put: "todos", record: { ...record, id: "t2" } }));
    assert.deepEqual(await store.todos.get(record.runId, "t1"), record);
    assert.equal(await store.todos.get(record.runId, "t3"), null);
    assert.equal(await store.todos.get(newId(), "t1"), null);
  },
  "keeps arguments and results of any size as they were": async ({ store, tested, ...home }) => {
    const text = bigText(1_000_000);
    const record = todo(home, { args: { text: bigText(100_000), hard: hardJson }, result: { text, half: "\ud83d", hardText } });
    const plain = todo(home, { runId: record.runId, id: "t2", position: 2, result: text });
    await store.commit(changes({ put: "todos", record }, { put: "todos", record: plain }));
    assert.deepEqual(await store.todos.list(record.runId), [record, plain]);
    assert.deepEqual(await store.todos.get(record.runId, "t1"), record);
    if (tested.reopen === undefined) return;
    assert.deepEqual(await (await tested.reopen()).todos.get(record.runId, "t1"), record);
  },
  "follows a big value through changes of its row": async ({ store, ...home }) => {
    const first = todo(home, { args: { text: bigText(50_000) } });
    const steps: readonly TodoRecord[] = [
      first,
      { ...first, status: "running" },
      { ...first, status: "completed", result: { text: bigText(50_000) } },
      { ...first, args: { text: "small again" }, result: null },
      { ...first, result: structuredClone(first.args) },
    ];
    for (const record of steps) {
      await store.commit(changes({ put: "todos", record }));
      assert.deepEqual(await store.todos.get(first.runId, first.id), record);
    }
  },
  "keeps files of any size as they were, equal ones and empty ones": async ({ store, ...home }) => {
    const bytes = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 256));
    const runId = newId();
    const records = [
      checkpoint(home, { runId, before: bytes, after: Buffer.from(bytes), undone: { bytes, hunks: null } }),
      checkpoint(home, { runId, before: null, after: Buffer.concat([bytes, bytes]), undone: { bytes: null, hunks: ["1"] } }),
      checkpoint(home, { runId, before: Buffer.alloc(0), after: bytes }),
    ];
    for (const record of records) await store.commit(changes({ put: "checkpoints", record }));
    assert.deepEqual(await store.checkpoints.list(runId), records);
    assert.deepEqual(await store.checkpoints.ids(runId), idsOf(records));
    assert.deepEqual(await Promise.all(records.map(({ id }) => store.checkpoints.get(id))), records);
    assert.equal(await store.checkpoints.get(newId()), null);
  },
  "keeps a big value of one session when the other that has it goes": async ({ store, userId, sessionId }) => {
    const other = newId();
    const shared = { text: bigText(60_000) };
    const [mine, theirs] = [
      todo({ userId, sessionId }, { result: shared }),
      todo({ userId, sessionId: other }, { result: shared }),
    ];
    const record = session({ id: other, userId });
    await store.commit(changes({ put: "todos", record: mine }, { put: "todos", record: theirs }, { put: "sessions", record }));
    await store.commit(changes({ delete: "sessions", id: other }));
    assert.deepEqual(await store.todos.get(mine.runId, "t1"), mine);
    assert.equal(await store.todos.get(theirs.runId, "t1"), null);
    await store.commit(changes({ put: "sessions", record }, { put: "todos", record: theirs }));
    assert.deepEqual(await store.todos.get(theirs.runId, "t1"), theirs, "and it comes back with its session");
  },
};
