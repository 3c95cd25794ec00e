import assert from "node:assert/strict";
import type { NewEvent } from "@orquestra/protocol";
import { newId } from "../../lib/ids.ts";
import { hardJson, hardText, label, message, preference, run } from "./records.ts";
import { assertRefused, at, changes, notice, notices, seqsOf, session, type StoreCheck, textsOf } from "./scene.ts";

export const logChecks: { readonly [title: string]: StoreCheck } = {
  "numbers the events of a session from 1": async ({ store, sessionId }) => {
    assert.equal(await store.events.lastSeq(sessionId), 0);
    const first = await store.commit(notices(sessionId, "a", "b", "c"));
    const second = await store.commit(notices(sessionId, "d", "e"));
    assert.deepEqual(seqsOf([...first, ...second]), [1, 2, 3, 4, 5]);
    assert.deepEqual(await store.events.read(sessionId, 0, 10), [...first, ...second]);
    assert.equal(await store.events.lastSeq(sessionId), 5);
  },
  "reads events after a seq, no more than asked for": async ({ store, sessionId }) => {
    await store.commit(notices(sessionId, "a", "b", "c", "d"));
    assert.deepEqual(textsOf(await store.events.read(sessionId, 1, 2)), ["b", "c"]);
    assert.deepEqual(await store.events.read(sessionId, 4, 10), []);
    assert.deepEqual(await store.events.read(newId(), 0, 10), []);
    assert.equal(await store.events.lastSeq(newId()), 0);
  },
  "says of many sessions how far their logs go": async ({ store, sessionId, userId }) => {
    const [other, nobody] = [newId(), newId()];
    await store.commit(changes({ put: "sessions", record: session({ id: other, userId }) }));
    await store.commit(notices(sessionId, "a", "b"));
    assert.deepEqual(
      await store.events.lastSeqs([sessionId, nobody, other]),
      new Map([
        [sessionId, 2],
        [other, 0],
      ]),
    );
    assert.deepEqual(await store.events.lastSeqs([]), new Map());
  },
  "keeps seq gapless while many commit at once": async ({ store, sessionId, userId }) => {
    const other = newId();
    await store.commit(changes({ put: "sessions", record: session({ id: other, userId }) }));
    const commits = await Promise.all(
      Array.from({ length: 40 }, async (_, writer) => {
        const texts = Array.from({ length: 1 + (writer % 4) }, (_each, index) => `${writer}.${index}`);
        return store.commit(notices(writer % 2 === 0 ? sessionId : other, ...texts));
      }),
    );
    for (const id of [sessionId, other]) {
      const log = await store.events.read(id, 0, 1000);
      assert.deepEqual(
        seqsOf(log),
        log.map((_, index) => index + 1),
      );
      assert.equal(await store.events.lastSeq(id), log.length);
      for (const events of commits.filter((commit) => commit[0]?.sessionId === id)) {
        const start = (events[0]?.seq ?? 0) - 1;
        assert.deepEqual(
          log.slice(start, start + events.length),
          events,
          "a commit's events stand together, as they were returned",
        );
      }
    }
  },
  "keeps events as they were written": async ({ store, sessionId }) => {
    const runId = newId();
    const events: readonly NewEvent[] = [
      { type: "message-received", data: { messageId: "m", text: hardText, attachments: [{ type: "file", path: "ä b.ts" }] } },
      { type: "todo-completed", runId, data: { todoId: "t1", preview: hardJson, ms: 12.25 } },
      { type: "todo-completed", runId, data: { todoId: "t2", preview: null, ms: 0 } },
      { type: "notice", data: { text: `nul \u0000 half \ud83d ${"long ".repeat(60_000)}` } },
    ];
    const written = await store.commit({ sessionId, events, changes: [], at });
    const expected = events.map((event, index) => ({ v: 1, ...event, sessionId, seq: index + 1, at }));
    assert.deepEqual(written, expected);
    const read = await store.events.read(sessionId, 0, 10);
    assert.deepEqual(read, expected);
    assert.equal(JSON.stringify(read[1]?.data), JSON.stringify(events[1]?.data), "keys keep their order");
  },
  "creates a session and its first events in one commit": async ({ store, userId }) => {
    const record = session({ id: newId(), userId });
    const events = [notice("born")];
    const written = await store.commit({ sessionId: record.id, events, changes: [{ put: "sessions", record }], at });
    assert.deepEqual(seqsOf(written), [1]);
    assert.deepEqual(await store.sessions.get(record.id), record);
  },
  "does not touch the counter when a session is written again": async ({ store, sessionId, userId }) => {
    await store.commit(notices(sessionId, "a", "b"));
    const record = session({ id: sessionId, userId, title: "Renamed" });
    const written = await store.commit({ sessionId, events: [notice("c")], changes: [{ put: "sessions", record }], at });
    assert.deepEqual(seqsOf(written), [3]);
  },
  "writes nothing when events speak of a session that is not there": async ({ store, userId, sessionId }) => {
    const put = { put: "preferences", record: preference({ userId, sessionId }) } as const;
    await assertRefused(store.commit({ ...notices(newId(), "lost"), changes: [put] }), "not_found");
    await assertRefused(store.commit(notices(newId(), "lost")), "not_found");
    assert.deepEqual(await store.preferences.list(userId), []);
  },
  "writes nothing when a record hangs on a session that is not there": async ({ store, userId, sessionId }) => {
    const put = { put: "preferences", record: preference({ userId, sessionId }) } as const;
    const lost = { put: "messages", record: message({ userId, sessionId: newId() }) } as const;
    await assertRefused(store.commit({ ...notices(sessionId, "a"), changes: [put, lost] }), "not_found");
    assert.deepEqual(await store.preferences.list(userId), []);
    assert.equal(await store.events.lastSeq(sessionId), 0);
  },
  "takes changes in order": async ({ store, userId, sessionId }) => {
    const home = { userId, sessionId };
    const kept = message(home, { text: "kept" });
    const gone = message(home, { text: "gone" });
    await store.commit(
      changes(
        { put: "messages", record: { ...kept, text: "first" } },
        { put: "messages", record: gone },
        { put: "messages", record: { ...kept, text: "second" } },
        { delete: "messages", id: gone.id },
        { delete: "messages", id: kept.id },
        { put: "messages", record: kept },
      ),
    );
    assert.deepEqual(await store.messages.list(sessionId, { limit: 10 }), [kept]);
  },
  "takes a record before the session it hangs on, in one commit": async ({ store, userId }) => {
    const sessionId = newId();
    const record = message({ userId, sessionId });
    await store.commit(changes({ put: "messages", record }, { put: "sessions", record: session({ id: sessionId, userId }) }));
    assert.deepEqual(await store.messages.get(record.id), record);
  },
  "does nothing for an empty batch": async ({ store, sessionId }) => {
    assert.deepEqual(await store.commit({ sessionId: null, events: [], changes: [], at }), []);
    assert.deepEqual(await store.commit({ sessionId, events: [], changes: [], at }), []);
  },
  "answers a ping": async ({ store }) => store.ping(),
  "finishes what is under way when it is closed": async ({ tested, store, sessionId }) => {
    if (tested.reopen === undefined) return;
    const works = Array.from({ length: 20 }, (_, index) => store.commit(notices(sessionId, `${index}`)));
    const again = await tested.reopen();
    await Promise.all(works);
    assert.equal(await again.events.lastSeq(sessionId), 20);
    await assertRefused(store.commit(notices(sessionId, "too late")), "unavailable");
  },
  "keeps everything when it is opened again": async ({ tested, store, userId, sessionId }) => {
    if (tested.reopen === undefined) return;
    const record = run(
      { userId, sessionId },
      { usage: { inputTokens: 1, outputTokens: 2 }, error: { code: "x", message: hardText } },
    );
    const written = await store.commit({ ...notices(sessionId, "before", hardText), changes: [{ put: "runs", record }] });
    const command = { userId, id: newId(), sessionId: null, bodyHash: "h", reply: { label }, at };
    await store.commit({ ...changes(), command });
    const again = await tested.reopen();
    assert.deepEqual(await again.events.read(sessionId, 0, 10), written);
    assert.deepEqual(await again.runs.get(record.id), record);
    assert.deepEqual(await again.commands.get(userId, command.id), command);
    assert.deepEqual(seqsOf(await again.commit(notices(sessionId, "after"))), [3]);
  },
};
