import type { NewEvent, OrquestraEvent } from "@orquestra/protocol";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeJob } from "../world/job.ts";
import { Ledger, type LedgerEntry, effectOf } from "../world/ledger.ts";
import { Deeds, Outside } from "../world/outside.ts";
import { checkMessages, checkNumbers, checkRuns, checkTodos } from "./log-checks.ts";
import { checkEffects, checkIntents, checkNothingElse } from "./world-checks.ts";

const folder = mkdtempSync(join(tmpdir(), "orquestra-chaos-checks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const job = makeJob(1, 1, "whole");
const said = { messageId: "m", runId: "r", job };
const conversation = { id: "s", acknowledged: [said], stopped: new Set<number>(), refusals: new Map<string, number>() };

function log(...events: readonly NewEvent[]): readonly OrquestraEvent[] {
  const at = "2026-01-01T00:00:00.000Z";
  return events.map((event, index) => ({ v: 1, sessionId: "s", seq: index + 1, at, ...event }));
}

const received: NewEvent = { type: "message-received", runId: "r", data: { messageId: "m", text: job.text } };
const started: NewEvent = { type: "todo-started", runId: "r", data: { todoId: "t1", attempt: 1 } };
const completed: NewEvent = { type: "todo-completed", runId: "r", data: { todoId: "t1", preview: null, ms: 1 } };
const usage = { inputTokens: 0, outputTokens: 0 };
const ended: NewEvent = { type: "run-completed", runId: "r", data: { stopReason: "end_turn", usage, cost: null } };
const failed: NewEvent = { type: "run-failed", runId: "r", data: { error: { code: "internal", message: "broken" } } };
const kinds = (findings: readonly { readonly kind: string }[]): readonly string[] => findings.map(({ kind }) => kind);

describe("what is wrong with a log", () => {
  it("a hole in its numbers is something lost", () => {
    expect(checkNumbers("s", log(received, ended))).toEqual([]);
    expect(kinds(checkNumbers("s", log(received, started, ended).toSpliced(1, 1)))).toEqual(["lost"]);
  });

  it("a message that was said yes to is there with its words, and once", () => {
    expect(checkMessages(conversation, log(received))).toEqual([]);
    expect(kinds(checkMessages(conversation, log()))).toEqual(["lost"]);
    const other: NewEvent = { ...received, data: { messageId: "m", text: "something else" } };
    expect(kinds(checkMessages(conversation, log(other)))).toEqual(["lost"]);
    expect(kinds(checkMessages(conversation, log(received, { ...received, data: { messageId: "n", text: job.text } })))).toEqual([
      "doubled",
    ]);
  });

  it("a run has one end, which is no breakdown", () => {
    expect(checkRuns(conversation, log(ended))).toEqual([]);
    for (const events of [log(), log(ended, ended), log(failed), log({ type: "run-cancelled", runId: "r", data: {} })])
      expect(kinds(checkRuns(conversation, events))).toEqual(["wrong"]);
    const stopped = { ...conversation, stopped: new Set([job.id]) };
    expect(checkRuns(stopped, log({ type: "run-cancelled", runId: "r", data: {} }))).toEqual([]);
  });

  it("a todo that has completed is not started again", () => {
    expect(checkTodos(log(started, started, completed))).toEqual([]);
    expect(kinds(checkTodos(log(started, completed, started)))).toEqual(["doubled"]);
  });
});

describe("what is wrong with the world", () => {
  const entry = (effect: string, fields: Partial<LedgerEntry> = {}): LedgerEntry => ({
    phase: "done",
    effect,
    runId: "r",
    todoId: "t1",
    key: null,
    pid: 1,
    ...fields,
  });
  const [path, text] = ["j1.md", "text of j1"];
  writeFileSync(join(folder, path), text);
  const inLedger = job.effects.filter((effect) => effect !== effectOf("file_write", { path, text }));
  const all = inLedger.map((effect) => entry(effect));
  const deeds = (...entries: readonly LedgerEntry[]): Deeds => new Deeds(entries, folder);

  it("every effect of a job happens once", () => {
    expect(checkEffects(conversation, deeds(...all))).toEqual([]);
    expect(kinds(checkEffects(conversation, deeds(...all.slice(1))))).toEqual(["lost"]);
    expect(kinds(checkEffects(conversation, deeds(...all, ...all.slice(0, 1))))).toEqual(["doubled"]);
  });

  it("a file that does not hold its text was not written", () => {
    expect(kinds(checkEffects(conversation, new Deeds(all, join(folder, "elsewhere"))))).toEqual(["lost"]);
  });

  it("the same key twice is one effect, another key is another", () => {
    const [effect = ""] = inLedger;
    expect(deeds(entry(effect, { key: "a" }), entry(effect, { key: "a" })).times(effect)).toBe(1);
    expect(deeds(entry(effect, { key: "a" }), entry(effect, { key: "b" })).times(effect)).toBe(2);
  });

  it("what was stopped may lack effects, and may not have them twice", () => {
    const stopped = { ...conversation, stopped: new Set([job.id]) };
    expect(checkEffects(stopped, deeds())).toEqual([]);
    expect(kinds(checkEffects(stopped, deeds(...all, ...all.slice(0, 1))))).toEqual(["doubled"]);
  });

  it("an effect nobody asked for, and one without an intent, are found", () => {
    expect(checkNothingElse([conversation], deeds(...all))).toEqual([]);
    expect(kinds(checkNothingElse([conversation], deeds(entry('post("something else")'))))).toEqual(["wrong"]);
    const begun = entry("post", { phase: "begun" });
    expect(checkIntents(log(started), deeds(begun))).toEqual([]);
    expect(kinds(checkIntents(log(started), deeds(begun, begun)))).toEqual(["wrong"]);
  });

  it("the ledger gives back what was written to it", () => {
    const ledger = new Ledger(join(folder, "ledger.jsonl"));
    const outside = new Outside(ledger, folder);
    expect(outside.look().entries).toEqual([]);
    for (const one of all) ledger.write(one);
    expect(outside.look().entries).toEqual(all);
  });
});
