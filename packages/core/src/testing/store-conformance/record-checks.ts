import assert from "node:assert/strict";
import { newId } from "../../lib/ids.ts";
import type { Change, LoginRecord, UserRecord } from "../../persistence/index.ts";
import {
  approval,
  checkpoint,
  hardJson,
  hardLabel,
  hardText,
  label,
  memory,
  message,
  preference,
  rule,
  run,
  todo,
} from "./records.ts";
import { at, changes, idsOf, session, type StoreCheck } from "./scene.ts";

const later = "2026-12-31T23:59:59.999Z";
const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));

export const recordChecks: { readonly [title: string]: StoreCheck } = {
  "keeps users whole": async ({ store }) => {
    const record: UserRecord = {
      id: newId(),
      tenant: "home",
      name: hardText,
      role: "owner",
      metadata: { hard: hardJson },
      createdAt: at,
    };
    await store.commit(changes({ put: "users", record }));
    assert.deepEqual(await store.users.get(record.id), record);
    assert.deepEqual(
      (await store.users.list()).find((user) => user.id === record.id),
      record,
    );
    const changed: UserRecord = { ...record, name: "", role: "member", metadata: {} };
    await store.commit(changes({ put: "users", record: changed }));
    assert.deepEqual(await store.users.get(record.id), changed);
    assert.equal(await store.users.get(newId()), null);
  },
  "keeps sessions whole": async ({ store, userId }) => {
    const record = session({ id: newId(), userId, title: hardText, workspace: "/a b/ü", planFormat: "json", archived: true });
    await store.commit(changes({ put: "sessions", record }));
    assert.deepEqual(await store.sessions.get(record.id), record);
    const plain = session({ id: record.id, userId, updatedAt: later });
    await store.commit(changes({ put: "sessions", record: plain }));
    assert.deepEqual(await store.sessions.get(record.id), plain);
    assert.equal(await store.sessions.get(newId()), null);
  },
  "keeps messages whole": async ({ store, ...home }) => {
    const attachments = [{ type: "file", path: hardText } as const];
    const record = message(home, {
      role: "assistant",
      turn: 3,
      text: hardText,
      raw: `${hardText}\n`,
      calls: [{ id: "t1", name: "look", argumentsText: hardText, problem: null }],
      label: hardLabel,
      attachments,
    });
    await store.commit(changes({ put: "messages", record }));
    assert.deepEqual(await store.messages.get(record.id), record);
    assert.deepEqual(await store.messages.list(home.sessionId, { limit: 5 }), [record]);
    assert.equal(await store.messages.get(newId()), null);
  },
  "keeps runs whole": async ({ store, ...home }) => {
    const record = run(home, {
      status: "failed",
      turn: 7,
      usage: { inputTokens: 1, outputTokens: 2, cachedInputTokens: 3 },
      cost: 0.000123456789,
      stopReason: "failed",
      error: { code: "overloaded", message: hardText, retryable: true, retryAfterMs: 1500 },
      owner: "node-1",
      epoch: 12,
      startedAt: at,
      endedAt: later,
    });
    await store.commit(changes({ put: "runs", record }));
    assert.deepEqual(await store.runs.get(record.id), record);
    const plain = run(home, { id: record.id, messageId: record.messageId });
    await store.commit(changes({ put: "runs", record: plain }));
    assert.deepEqual(await store.runs.list(home.sessionId), [plain]);
    assert.equal(await store.runs.get(newId()), null);
  },
  "keeps todos whole": async ({ store, ...home }) => {
    const record = todo(home, {
      id: "t2.1",
      position: 2.5,
      args: { hard: hardJson, reference: { $ref: "t1#/a/0" } },
      dependsOn: ["t1", "t2"],
      effects: ["write", "exec"],
      control: hardLabel,
      status: "completed",
      parent: "t2",
      attempt: 2,
      result: hardJson,
      label: hardLabel,
      error: { code: "x", message: "y" },
      note: hardText,
      startedAt: at,
      endedAt: later,
    });
    await store.commit(changes({ put: "todos", record }));
    const [read] = await store.todos.list(record.runId);
    assert.deepEqual(read, record);
    assert.equal(JSON.stringify(read?.args), JSON.stringify(record.args), "keys keep their order");
    for (const result of [null, false, 0, "", "null", [], {}]) {
      const plain = todo(home, { runId: record.runId, id: record.id, result });
      await store.commit(changes({ put: "todos", record: plain }));
      assert.deepEqual(await store.todos.list(record.runId), [plain]);
    }
  },
  "keeps approvals whole": async ({ store, ...home }) => {
    const allow = {
      userId: home.userId,
      workspace: null,
      tool: "shell",
      match: { command: hardJson },
      decision: "allow",
      text: "a",
    } as const;
    const record = approval(home, {
      question: hardText,
      todos: [
        {
          todoId: "t1",
          effects: ["exec"],
          summary: hardText,
          arguments: { hard: hardJson },
          provenance: [{ argument: "/command", integrity: "outside", source: "copied from t1" }],
          control: hardLabel,
          undoable: false,
          reasons: ["R1"],
        },
      ],
      hashes: { t1: "abc" },
      rules: { t1: { allow: null, deny: { ...allow, decision: "deny" } }, t2: { allow, deny: allow } },
      answer: { approvalId: "a", decision: "allow_once", decisions: { t1: "reject_once" }, reason: hardText, by: home.userId },
      answeredAt: later,
    });
    await store.commit(changes({ put: "approvals", record }));
    assert.deepEqual(await store.approvals.get(record.id), record);
    assert.deepEqual(await store.approvals.list(record.runId), [record]);
    const open = approval(home, { id: record.id, runId: record.runId });
    await store.commit(changes({ put: "approvals", record: open }));
    assert.deepEqual(await store.approvals.get(record.id), open);
    assert.equal(await store.approvals.get(newId()), null);
  },
  "keeps checkpoints whole, bytes and all": async ({ store, ...home }) => {
    const runId = newId();
    const records = [
      checkpoint(home, { runId, path: hardText, before: bytes, after: Buffer.alloc(0), afterHash: "h", beforeMode: 0o755 }),
      checkpoint(home, { runId, before: null, after: bytes, undone: { bytes: null, hunks: null } }),
      checkpoint(home, { runId, after: null, undone: { bytes, hunks: ["h1", "h2"] } }),
      checkpoint(home, { runId, undone: { bytes: Buffer.alloc(0), hunks: [] } }),
    ];
    await store.commit(changes(...records.map((record): Change => ({ put: "checkpoints", record }))));
    assert.deepEqual(await store.checkpoints.list(runId), records);
    const [first, ...others] = records;
    await store.commit(changes({ delete: "checkpoints", id: first?.id ?? "" }));
    assert.deepEqual(await store.checkpoints.list(runId), others);
  },
  "keeps what belongs to a user whole": async ({ store, ...home }) => {
    const { userId } = home;
    const records = {
      preference: preference(home, { key: hardText, text: hardText, label: hardLabel }),
      rule: rule(home, { workspace: "/w", match: { hard: hardJson, none: null }, decision: "deny", text: hardText }),
      memory: memory(home, {
        sessionId: home.sessionId,
        text: hardText,
        quote: hardText,
        label: hardLabel,
        status: "superseded",
      }),
    };
    await store.commit(
      changes(
        { put: "preferences", record: records.preference },
        { put: "rules", record: records.rule },
        { put: "memories", record: records.memory },
      ),
    );
    assert.deepEqual(await store.preferences.list(userId), [records.preference]);
    assert.deepEqual(await store.rules.list(userId), [records.rule]);
    assert.deepEqual(await store.memories.list(userId), [records.memory]);
    await store.commit(
      changes(
        { delete: "preferences", userId, key: hardText },
        { delete: "rules", id: records.rule.id },
        { delete: "rules", id: newId() },
      ),
    );
    assert.deepEqual(await store.preferences.list(userId), []);
    assert.deepEqual(await store.rules.list(userId), []);
  },
  "gives a login away once": async ({ store, userId }) => {
    const record: LoginRecord = { id: newId(), userId, kind: "launch", createdAt: at, expiresAt: later, scope: null };
    const cookie: LoginRecord = { ...record, id: newId(), kind: "cookie", expiresAt: null };
    await store.commit(changes({ put: "logins", record }, { put: "logins", record: cookie }));
    assert.deepEqual(await store.logins.get(record.id), record);
    const taken = await Promise.all(Array.from({ length: 6 }, () => store.logins.take(record.id)));
    assert.deepEqual(
      taken.filter((login) => login !== null),
      [record],
    );
    assert.equal(await store.logins.get(record.id), null);
    assert.deepEqual(await store.logins.get(cookie.id), cookie);
    await store.commit(changes({ delete: "logins", id: cookie.id }));
    assert.equal(await store.logins.take(cookie.id), null);
  },
  "keeps what a login reaches": async ({ store, userId }) => {
    const scope = { sessionId: newId(), mayApprove: true };
    const record: LoginRecord = { id: newId(), userId, kind: "minted", createdAt: at, expiresAt: later, scope };
    await store.commit(changes({ put: "logins", record }));
    assert.deepEqual(await store.logins.get(record.id), record);
  },
  "forgets logins that are over, and only those": async ({ store, userId }) => {
    const login = (expiresAt: string | null): LoginRecord => {
      return { id: newId(), userId, kind: "minted", createdAt: at, expiresAt, scope: null };
    };
    const [over, nearly, lasting] = [login("1990-01-01T00:00:00.000Z"), login("1990-01-01T00:00:00.001Z"), login(null)];
    await store.commit(changes(...[over, nearly, lasting].map((record): Change => ({ put: "logins", record }))));
    assert.equal(await store.logins.trim("1990-01-01T00:00:00.001Z"), 1);
    assert.equal(await store.logins.get(over.id), null);
    assert.deepEqual([await store.logins.get(nearly.id), await store.logins.get(lasting.id)], [nearly, lasting]);
    assert.equal(await store.logins.trim("1990-01-01T00:00:00.002Z"), 1);
  },
  "does not stumble over a NUL in text": async ({ store, ...home }) => {
    const record = message(home, { text: "a\u0000b", raw: "\u0000" });
    await store.commit(changes({ put: "messages", record }));
    const read = await store.messages.get(record.id);
    assert.equal(read?.text.replace("\u0000", "\uFFFD"), "a\uFFFDb");
  },
  "does not stumble over a NUL in what it is asked for": async ({ store, ...home }) => {
    assert.equal(await store.sessions.get("a\u0000b"), null);
    assert.equal(await store.runs.get("\u0000"), null);
    assert.equal(await store.commands.get(home.userId, "\u0000"), null);
    assert.deepEqual(await store.messages.list(home.sessionId, { before: "a\u0000b", limit: 5 }), []);
    assert.deepEqual(await store.messages.search(home.userId, "a\u0000b", 5), []);
  },
  "takes thousands of rows in one commit": async ({ store, ...home }) => {
    const runId = newId();
    const records = Array.from({ length: 4000 }, (_, index) => todo(home, { runId, id: `t${index + 1}`, position: index + 1 }));
    await store.commit(changes(...records.map((record): Change => ({ put: "todos", record }))));
    assert.deepEqual(idsOf(await store.todos.list(runId)), idsOf(records));
  },
  "keeps the place of a row that is written again": async ({ store, ...home }) => {
    const rules = ["a", "b", "c"].map((text) => rule(home, { text }));
    for (const record of rules) await store.commit(changes({ put: "rules", record }));
    const [first] = rules;
    assert.ok(first !== undefined);
    await store.commit(changes({ put: "rules", record: { ...first, text: "a again", match: { label: label.integrity } } }));
    assert.deepEqual(
      (await store.rules.list(home.userId)).map((each) => each.text),
      ["a again", "b", "c"],
    );
  },
};
