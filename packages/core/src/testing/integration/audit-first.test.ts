import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { AuditLog, Store } from "../../persistence/index.ts";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { builtInTools } from "../../tools/index.ts";
import { deferred } from "../engine-harness.ts";
import { auditWith } from "./audit-of.fixture.ts";
import { engines } from "./engines.fixture.ts";
import { scriptedModel } from "../scripted-model.ts";
import { changing, echo, plan } from "./scene.fixture.ts";

const { start, folder } = engines();
const replies = (...texts: readonly string[]) => scriptedModel(texts.map((text) => ({ text })));

/** A store whose audit is written by the given hand. */
function storeWith(append: (log: AuditLog) => AuditLog["append"]): Store {
  const store = openInMemoryStore();
  return { ...store, audit: { ...store.audit, append: append(store.audit) } };
}

it("no effect starts where the audit cannot be written, and reads go on", async () => {
  const ledger: string[] = [];
  const store = storeWith(() => () => Promise.reject(new Error("permission denied for table audit")));
  const model = replies(plan('1. echo("a")', '2. change("a")', '3. echo("b")'), "Done.");
  const harness = await start({ model, store, tools: [echo, changing(ledger)] });
  const session = await harness.session();
  const runId = await session.say("go");
  const { data } = await session.until("approval-requested");
  const answer = session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
  await expect(answer).rejects.toMatchObject({
    code: "unavailable",
    message: "It could not be recorded in the audit, so nothing was done.",
  });
  expect(session.all("todo-completed").map((event) => event.data.todoId)).toEqual(["t1", "t3"]);
  await session.command("run-cancel", { runId });
  await session.ended(runId);
  expect(ledger).toEqual([]);
});

it("an effect that would run by itself fails where it cannot be recorded", async () => {
  const store = storeWith((log) => async (rows) => {
    if (rows.some(({ kind }) => kind === "effect-started")) throw new Error("permission denied for table audit");
    await log.append(rows);
  });
  const model = replies(plan('1. file_write("unrecorded.md", "text")'), "Done.");
  const harness = await start({ model, store, tools: builtInTools({ only: ["file_write"] }), ceiling: "workspace" });
  const session = await harness.session({ mode: "workspace" });
  expect(await session.ended(await session.say("go"))).toMatchObject({ type: "run-completed" });
  expect(session.all("todo-failed").map(({ data }) => data.error)).toEqual([
    { code: "audit_unwritten", message: "It cannot be recorded in the audit, so it is not done." },
  ]);
  expect(existsSync(join(folder.path, "unrecorded.md"))).toBe(false);
});

it("a mode is not widened where that cannot be recorded", async () => {
  const store = storeWith(() => () => Promise.reject(new Error("permission denied for table audit")));
  const harness = await start({ model: replies("Done."), store, ceiling: "workspace" });
  const session = await harness.session();
  await expect(session.command("session-update", { mode: "workspace" })).rejects.toMatchObject({ code: "unavailable" });
  expect((await harness.store.sessions.get(session.id))?.mode).toBe("ask");
});

it("an effect starts only when its row is there, and the row comes in one go with the intent", async () => {
  const ledger: string[] = [];
  const gate = deferred();
  const asked = deferred();
  const store = storeWith((log) => async (rows) => {
    if (rows.some(({ kind }) => kind === "effect-started")) {
      asked.resolve();
      await gate.promise;
    }
    await log.append(rows);
  });
  const model = replies(plan('1. change("a")'), "Done.");
  const harness = await start({ model, store, tools: [changing(ledger)] });
  const session = await harness.session();
  const runId = await session.say("go");
  const { data } = await session.until("approval-requested");
  await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
  await Promise.all([asked.promise, session.until("todo-started")]);
  // The intent is durable: had it not to wait, it would start within these turns of the event loop.
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(ledger).toEqual([]);
  gate.resolve();
  await session.ended(runId);
  expect(ledger).toEqual(["a"]);
  await auditWith(store, session.id, { kind: "effect-ended" });
});

it("an effect that is stopped while its row is written does not start, and the audit says so", async () => {
  const ledger: string[] = [];
  const gate = deferred();
  const asked = deferred();
  const store = storeWith((log) => async (rows) => {
    if (rows.some(({ kind }) => kind === "effect-started")) {
      asked.resolve();
      await gate.promise;
    }
    await log.append(rows);
  });
  const model = replies(plan('1. change("a")'), "Done.");
  const harness = await start({ model, store, tools: [changing(ledger)] });
  const session = await harness.session();
  const runId = await session.say("go");
  const { data } = await session.until("approval-requested");
  await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
  await asked.promise;
  await session.command("run-cancel", { runId });
  expect(await session.ended(runId)).toMatchObject({ type: "run-cancelled" });
  gate.resolve();
  const [end] = await auditWith(store, session.id, { kind: "effect-ended" });
  expect(end?.body).toMatchObject({ status: "not_started" });
  expect(ledger).toEqual([]);
});

it("what a session did stays told when it is deleted, and so does its deletion", async () => {
  const store = openInMemoryStore();
  const model = replies(plan('1. change("a")'), "Done.");
  const harness = await start({ model, store, tools: [changing([])] });
  const session = await harness.session();
  const runId = await session.say("go");
  const { data } = await session.until("approval-requested");
  await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
  await session.ended(runId);
  await harness.command("session-delete", {}, { sessionId: session.id });
  expect(await store.sessions.get(session.id)).toBeNull();
  expect(await auditWith(store, session.id, { kind: "effect-ended" })).toHaveLength(1);
  expect(await auditWith(store, session.id, { kind: "command-given" })).toMatchObject([
    { userId: "ada", body: { type: "session-delete" } },
  ]);
});
