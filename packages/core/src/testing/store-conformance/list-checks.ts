import assert from "node:assert/strict";
import { newId } from "../../lib/ids.ts";
import type { Change, SessionRecord, Store } from "../../persistence/index.ts";
import { approval, checkpoint, memory, message, preference, rule, run, todo } from "./records.ts";
import { assertRefused, at, changes, idsOf, notices, type Scene, session, type StoreCheck } from "./scene.ts";

async function allPages(store: Store, userId: string, limit: number): Promise<readonly (readonly string[])[]> {
  const pages: (readonly string[])[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await store.sessions.list(userId, { limit, archived: false, cursor });
    pages.push(idsOf(page.items));
    if (page.cursor === undefined) return pages;
    cursor = page.cursor;
  }
}

function putSessions(records: readonly SessionRecord[]): readonly Change[] {
  return records.map((record) => ({ put: "sessions", record }));
}

async function putMessages(scene: Scene, texts: readonly string[]): Promise<readonly string[]> {
  const records = texts.map((text) => message(scene, { text }));
  for (const record of records) await scene.store.commit(changes({ put: "messages", record }));
  return idsOf(records);
}

export const listChecks: { readonly [title: string]: StoreCheck } = {
  "pages through sessions, newest first, none twice and none left out": async ({ store }) => {
    const userId = newId();
    const hours = [3, 1, 2, 2, 2, 5, 4, 2];
    const records = hours.map((hour) => session({ id: newId(), userId, updatedAt: `2026-03-01T0${hour}:00:00.000Z` }));
    await store.commit(changes(...putSessions(records)));
    const expected = idsOf(records.toSorted((a, b) => (a.updatedAt + a.id < b.updatedAt + b.id ? 1 : -1)));
    for (const limit of [1, 2, 3, 8, 20]) assert.deepEqual((await allPages(store, userId, limit)).flat(), expected);
    assert.equal((await allPages(store, userId, 4)).length, 2, "a full last page has no cursor");
  },
  "refuses a cursor it never gave out": async ({ store, userId }) => {
    for (const cursor of ["", "nonsense", Buffer.from(`["yesterday","x"]`).toString("base64url")]) {
      await assertRefused(store.sessions.list(userId, { limit: 5, archived: false, cursor }), "not_found");
    }
  },
  "keeps archived sessions apart": async ({ store, userId, sessionId }) => {
    const record = session({ id: newId(), userId, archived: true });
    await store.commit(changes({ put: "sessions", record }));
    assert.deepEqual(idsOf((await store.sessions.list(userId, { limit: 5, archived: false })).items), [sessionId]);
    const archived = await store.sessions.list(userId, { limit: 5, archived: true });
    assert.deepEqual(archived, { items: [{ ...record, runStatus: null }] });
  },
  "tells how a session's newest run stands": async ({ store, ...home }) => {
    for (const status of ["completed", "running"] as const) {
      await store.commit(changes({ put: "runs", record: run(home, { status }) }));
      const page = await store.sessions.list(home.userId, { limit: 5, archived: false });
      assert.deepEqual(
        page.items.map((item) => item.runStatus),
        [status],
      );
    }
  },
  "shows users nothing of each other": async ({ store, ...home }) => {
    const stranger = newId();
    await store.commit(
      changes(
        { put: "messages", record: message(home, { text: "my secret" }) },
        { put: "preferences", record: preference(home) },
        { put: "rules", record: rule(home) },
        { put: "memories", record: memory(home) },
        { count: "tool-usage", record: { day: "2026-03-01", userId: home.userId, tool: "shell", calls: 1, errors: 0, ms: 5 } },
      ),
    );
    assert.deepEqual((await store.sessions.list(stranger, { limit: 5, archived: false })).items, []);
    assert.deepEqual(await store.messages.search(stranger, "secret", 5), []);
    assert.deepEqual(await store.preferences.list(stranger), []);
    assert.deepEqual(await store.rules.list(stranger), []);
    assert.deepEqual(await store.memories.list(stranger), []);
    assert.deepEqual(await store.toolUsage.list(stranger), []);
    assert.equal((await store.messages.search(home.userId, "secret", 5)).length, 1);
  },
  "pages back through messages": async (scene) => {
    const { store, sessionId } = scene;
    const ids = await putMessages(scene, ["a", "b", "c", "d", "e"]);
    assert.deepEqual(idsOf(await store.messages.list(sessionId, { limit: 2 })), ids.slice(3));
    assert.deepEqual(idsOf(await store.messages.list(sessionId, { before: ids[3], limit: 2 })), ids.slice(1, 3));
    assert.deepEqual(idsOf(await store.messages.list(sessionId, { before: ids[1], limit: 2 })), ids.slice(0, 1));
    assert.deepEqual(await store.messages.list(sessionId, { before: ids[0], limit: 2 }), []);
    assert.deepEqual(await store.messages.list(sessionId, { before: newId(), limit: 2 }), []);
    assert.deepEqual(await store.messages.list(newId(), { before: ids[3], limit: 2 }), []);
  },
  "lists messages in the order of the thread: by run as runs left the queue, then what waits": async ({ store, ...home }) => {
    const minute = (count: number): string => `2026-03-01T10:0${count}:00.000Z`;
    const runs = {
      second: run(home, { status: "completed", queuedAt: minute(2), startedAt: minute(5), endedAt: minute(6) }),
      first: run(home, { status: "completed", queuedAt: minute(1), startedAt: minute(1), endedAt: minute(5) }),
      waitsLonger: run(home, { status: "queued", queuedAt: minute(9) }),
      neverBegan: run(home, { status: "cancelled", queuedAt: minute(3), endedAt: minute(4) }),
      waits: run(home, { status: "queued", queuedAt: minute(8) }),
      sameTime: run(home, { status: "completed", queuedAt: minute(7), startedAt: minute(5), endedAt: minute(6) }),
    };
    const said = Object.entries(runs).map(([text, { id: runId }]) => message(home, { runId, text }));
    const answer = message(home, { runId: runs.first.id, role: "assistant", text: "first answer" });
    for (const record of Object.values(runs)) await store.commit(changes({ put: "runs", record }));
    for (const record of [...said, answer]) await store.commit(changes({ put: "messages", record }));
    const list = async (before: string | undefined, limit: number) =>
      await store.messages.list(home.sessionId, { before, limit });
    const thread = await list(undefined, 10);
    const texts = ["first", "first answer", "neverBegan", "second", "sameTime", "waits", "waitsLonger"];
    assert.deepEqual(
      thread.map(({ text }) => text),
      texts,
    );
    for (const limit of [1, 2, 3]) {
      for (const [index, { id }] of thread.entries()) {
        assert.deepEqual(idsOf(await list(id, limit)), idsOf(thread.slice(Math.max(0, index - limit), index)));
      }
    }
  },
  "lists the messages of one run as they were written": async ({ store, ...home }) => {
    const { id, sessionId } = run(home);
    const texts = ["a", "b", "c"].map((text) => message(home, { runId: id, text }));
    for (const record of texts)
      await store.commit(changes({ put: "messages", record: message(home) }, { put: "messages", record }));
    assert.deepEqual(await store.messages.ofRun({ id, sessionId }), texts);
    assert.deepEqual(await store.messages.ofRun({ id, sessionId: newId() }), []);
    assert.deepEqual(await store.messages.ofRun({ id: newId(), sessionId }), []);
  },
  "finds messages that hold every word, newest first": async (scene) => {
    const { store, userId } = scene;
    const ids = await putMessages(scene, ["Tabs over spaces", "SPACES, please", "Über Straßen und tabs", "nothing"]);
    const search = async (query: string, limit = 10) =>
      (await store.messages.search(userId, query, limit)).map((found) => ids.indexOf(found.id));
    assert.deepEqual(await search("spaces"), [1, 0]);
    assert.deepEqual(await search("  TABS   spaces\n"), [0]);
    assert.deepEqual(await search("über"), [2]);
    assert.deepEqual(await search("ÜBER straßen"), [2]);
    assert.deepEqual(await search("spaces", 1), [1]);
    assert.deepEqual(await search("tabs missing"), []);
    assert.deepEqual(await search("   "), []);
  },
  "takes the words of a search as they are": async (scene) => {
    const { store, userId } = scene;
    const texts = ["100% sure", "100 sure", "snake_case", "snakeXcase", "back\\slash", "backslash", "{a,b}", 'it\'s "quoted"'];
    const ids = await putMessages(scene, texts);
    const search = async (query: string) =>
      (await store.messages.search(userId, query, 10)).map((found) => texts[ids.indexOf(found.id)]);
    assert.deepEqual(await search("100%"), ["100% sure"]);
    assert.deepEqual(await search("snake_case"), ["snake_case"]);
    assert.deepEqual(await search("k\\s"), ["back\\slash"]);
    assert.deepEqual(await search("{a,b}"), ["{a,b}"]);
    assert.deepEqual(await search(`it's "quoted"`), [`it's "quoted"`]);
    assert.deepEqual(await search("%"), ["100% sure"]);
  },
  "lists active runs as they were queued, behind those that have begun or an owner": async ({ store, ...home }) => {
    const queued = (status: "queued" | "running" | "waiting" | "completed" | "failed" | "cancelled", minute: number) =>
      run(home, { status, queuedAt: `2026-03-01T10:0${minute}:00.000Z` });
    const records = [
      queued("waiting", 5),
      queued("queued", 3),
      queued("completed", 1),
      queued("running", 4),
      queued("failed", 2),
      queued("cancelled", 6),
      { ...queued("queued", 7), owner: "node-1" },
    ];
    for (const record of records) await store.commit(changes({ put: "runs", record }));
    const expected = [records[3], records[0], records[6], records[1]];
    assert.deepEqual(await store.runs.active(home.sessionId), expected);
    assert.deepEqual(
      (await store.runs.active()).filter((each) => each.userId === home.userId),
      expected,
    );
    assert.deepEqual(idsOf(await store.runs.list(home.sessionId)), idsOf(records));
    const [, queuedOne] = records;
    assert.ok(queuedOne !== undefined);
    await store.commit(changes({ put: "runs", record: { ...queuedOne, status: "completed" } }));
    assert.deepEqual(await store.runs.active(home.sessionId), expected.slice(0, 3));
    await store.commit(changes({ put: "runs", record: queuedOne }));
    assert.deepEqual(await store.runs.active(home.sessionId), expected);
  },
  "lists what belongs to a run in order": async ({ store, ...home }) => {
    const runId = newId();
    const todos = [3, 1, 2, 10].map((position) => todo(home, { runId, id: `t${position}`, position }));
    const approvals = [1, 2, 3].map(() => approval(home, { runId }));
    const checkpoints = [1, 2, 3].map(() => checkpoint(home, { runId }));
    for (const record of todos) await store.commit(changes({ put: "todos", record }));
    for (const record of approvals) await store.commit(changes({ put: "approvals", record }));
    for (const record of checkpoints) await store.commit(changes({ put: "checkpoints", record }));
    assert.deepEqual(idsOf(await store.todos.list(runId)), ["t1", "t2", "t3", "t10"]);
    assert.deepEqual(await store.todos.ids(runId), ["t1", "t2", "t3", "t10"]);
    assert.deepEqual(idsOf(await store.approvals.list(runId)), idsOf(approvals));
    assert.deepEqual(idsOf(await store.checkpoints.list(runId)), idsOf(checkpoints));
    assert.deepEqual(await store.todos.list(newId()), []);
  },
  "adds up what tools were used": async ({ store, userId }) => {
    const count = (tool: string, day: string, errors: number): Change => ({
      count: "tool-usage",
      record: { day, userId, tool, calls: 1, errors, ms: 1.5 },
    });
    await Promise.all(
      Array.from({ length: 10 }, () =>
        store.commit(changes(count("shell", "2026-03-01", 1), count("fetch", "2026-03-01", 0), count("shell", "2026-03-01", 0))),
      ),
    );
    await store.commit(changes(count("shell", "2026-03-02", 0)));
    const usage = await store.toolUsage.list(userId);
    const of = (tool: string, day: string) => usage.find((each) => each.tool === tool && each.day === day);
    assert.equal(usage.length, 3);
    assert.deepEqual(of("shell", "2026-03-01"), { day: "2026-03-01", userId, tool: "shell", calls: 20, errors: 10, ms: 30 });
    assert.deepEqual(of("fetch", "2026-03-01"), { day: "2026-03-01", userId, tool: "fetch", calls: 10, errors: 0, ms: 15 });
    assert.deepEqual(of("shell", "2026-03-02"), { day: "2026-03-02", userId, tool: "shell", calls: 1, errors: 0, ms: 1.5 });
  },
  "deletes a session with all that hangs on it": async ({ store, ...home }) => {
    const { userId, sessionId } = home;
    const record = run(home);
    const runId = record.id;
    const text = message(home, { text: "deleted" });
    const remembered = memory(home, { sessionId });
    await store.commit({
      ...notices(sessionId, "a"),
      changes: [
        { put: "runs", record },
        { put: "messages", record: text },
        { put: "todos", record: todo(home, { runId }) },
        { put: "approvals", record: approval(home, { runId }) },
        { put: "checkpoints", record: checkpoint(home, { runId }) },
        { put: "memories", record: remembered },
        { put: "memories", record: memory(home, { sessionId, status: "proposed" }) },
      ],
    });
    const reply = { userId, id: newId(), sessionId, bodyHash: "h", reply: { conflicts: ["deleted"] }, at };
    await store.commit({ ...changes(), command: reply });
    const deletion = { ...reply, id: newId(), sessionId: null };
    const command = { v: 1, id: newId(), type: "run-steer", data: { runId, text: "deleted" } } as const;
    const steer = { userId, sessionId, command, at };
    const asked = { ...steer, command: { v: 1, id: newId(), type: "session-delete", data: {} } as const };
    await store.forwarded.post(steer);
    await store.forwarded.post(asked);
    const other = session({ id: newId(), userId });
    await store.commit({ ...notices(other.id, "kept"), changes: [{ put: "sessions", record: other }] });
    await store.commit({ ...changes({ delete: "sessions", id: sessionId }), command: deletion });
    assert.equal(await store.sessions.get(sessionId), null);
    assert.deepEqual(await store.events.read(sessionId, 0, 5), []);
    assert.equal(await store.messages.get(text.id), null);
    assert.deepEqual(await store.messages.search(userId, "deleted", 5), []);
    assert.equal(await store.runs.get(runId), null);
    assert.deepEqual(await store.runs.active(sessionId), []);
    assert.deepEqual(
      [await store.todos.list(runId), await store.approvals.list(runId), await store.checkpoints.list(runId)],
      [[], [], []],
    );
    const kept = { ...remembered, sessionId: null, quote: "" };
    assert.deepEqual(await store.memories.list(userId), [kept], "what was learned stays, without the words of the session");
    assert.equal(await store.commands.get(userId, reply.id), null);
    assert.deepEqual(await store.commands.get(userId, deletion.id), deletion);
    assert.equal(await store.forwarded.answerOf(userId, steer.command.id), undefined);
    assert.equal(await store.forwarded.answerOf(userId, asked.command.id), null, "whoever had it deleted gets an answer");
    assert.equal(await store.events.lastSeq(other.id), 1);
    assert.equal((await store.sessions.get(other.id))?.createdAt, at);
  },
};
