import { describe, expect, it } from "vitest";
import { type EventType, type OrquestraEvent, eventData } from "./event.ts";
import { findRun, openParts } from "./find.ts";
import { SequenceGap, applyDelta, applyEvent, emptySession } from "./reducer.ts";
import type { SessionState } from "./state.ts";
import { type Step, asked, at, play, runOf, started } from "./testing/steps.ts";
import { trimSession } from "./trim.ts";

function messageIds(state: SessionState): readonly string[] {
  return state.messages.map(({ messageId }) => messageId);
}

function delta(state: SessionState, offset: number, text: string): SessionState {
  return applyDelta(state, { v: 1, type: "delta", sessionId: "s1", partId: "p1", offset, text });
}

function textOf(state: SessionState): string | undefined {
  return openParts(state)[0]?.text;
}

describe("a session", () => {
  it("takes its settings from its first event and changes only what an update names", () => {
    const settings = { title: "", workspace: "/project", model: "demo", mode: "ask", planFormat: null } as const;
    const state = play([
      ["session-created", settings],
      ["session-updated", { title: "Fix the parser" }],
      ["session-updated", { archived: true, title: undefined }],
    ]);
    expect(state).toMatchObject({ ...settings, title: "Fix the parser", archived: true, deleted: false, seq: 3 });
  });

  it("knows that it was deleted", () => {
    expect(play([["session-deleted", {}]]).deleted).toBe(true);
  });

  it("counts events that are no part of its state, and those of types it does not know", () => {
    const before = play(started);
    const after = play([["tools-changed", { added: ["x"], removed: [] }]], before);
    expect(after).toEqual({ ...before, seq: before.seq + 1 });
    const unknown = applyEvent(before, { v: 1, type: "unknown", sessionId: "s1", seq: before.seq + 1 });
    expect(unknown).toEqual({ ...before, seq: before.seq + 1 });
  });

  it("says what is missing when an event comes too early", () => {
    const early: OrquestraEvent = { v: 1, type: "session-deleted", sessionId: "s1", seq: 7, at, data: {} };
    expect(() => applyEvent(play(started), early)).toThrow(
      expect.objectContaining({ name: "SequenceGap", code: "sequence_gap", expected: 4, received: 7 }),
    );
    expect(new SequenceGap(4, 7).message).toContain("Attach again from 3");
  });

  it("gives the very same state for an event that is in already", () => {
    const state = play(started);
    expect(applyEvent(state, { v: 1, type: "session-deleted", sessionId: "s1", seq: 3, at, data: {} })).toBe(state);
  });

  it("ignores events of runs it does not know", () => {
    const state = play([["run-started", { model: "demo" }, "nobody"]]);
    expect(state).toEqual({ ...emptySession("s1"), seq: 1 });
    expect(findRun(state, "constructor")).toBeUndefined();
  });

  it("tells of every event type there is, or of none of them by decision", () => {
    const silent = ["memory-proposed", "memory-changed", "memory-used", "context-compacted", "budget-reached", "tools-changed"];
    expect(new Set(Object.keys(eventData))).toEqual(new Set([...silent, ...covered]));
  });
});

/** Event types some test of this file plays. */
const covered: readonly EventType[] = [
  ...(["session-created", "session-updated", "session-deleted"] as const),
  ...(["message-received", "message-queued", "message-removed", "message-updated", "message-completed"] as const),
  ...(["run-queued", "run-started", "run-waiting", "run-resumed", "run-steered", "run-recovered"] as const),
  ...(["run-completed", "run-failed", "run-cancelled", "turn-started", "turn-completed"] as const),
  ...(["todo-added", "todo-updated", "todo-invalid", "todo-started", "todo-silent", "todo-retried"] as const),
  ...(["todo-completed", "todo-failed", "todo-skipped", "todo-cancelled", "todo-unknown", "todo-result-late"] as const),
  ...(["approval-requested", "approval-resolved", "part-opened", "part-closed"] as const),
  ...(["checkpoint-created", "checkpoint-dropped", "checkpoint-restored", "notice"] as const),
];

describe("messages", () => {
  const busy: readonly Step[] = [...started, ...asked("m2", "r2"), ...asked("m3", "r3")];

  it("keep what was attached, and know their run", () => {
    const attachments = [{ type: "file" as const, path: "src/a.ts" }];
    const state = play([["message-received", { messageId: "m1", text: "hello", attachments }, "r1"]]);
    expect(state.messages).toEqual([{ messageId: "m1", runId: "r1", role: "user", text: "hello", at, attachments }]);
  });

  it("wait in the order of their positions, behind the answers of the run before them", () => {
    const state = play([
      ...busy,
      ["message-queued", { messageId: "m3", position: 0 }, "r3"],
      ["part-opened", { partId: "p1", messageId: "a1", turn: 1, kind: "text" }],
    ]);
    expect(messageIds(state)).toEqual(["m1", "a1", "m3", "m2"]);
  });

  it("do not move once their run has begun", () => {
    expect(messageIds(play([...busy, ["message-queued", { messageId: "m1", position: 1 }]]))).toEqual(["m1", "m2", "m3"]);
  });

  it("go before all that wait when their run begins, whoever was next", () => {
    const state = play([...busy, ["run-cancelled", {}], ["run-started", { model: "m" }, "r3"]]);
    expect(messageIds(state)).toEqual(["m1", "m3", "m2"]);
  });

  it("stand behind the run that goes on when their own is cancelled before it began", () => {
    const cancelled: readonly Step[] = [...busy, ["run-cancelled", {}, "r3"]];
    expect(messageIds(play(cancelled))).toEqual(["m1", "m3", "m2"]);
    const answered = play([...cancelled, ["part-opened", { partId: "p1", messageId: "a1", turn: 1, kind: "text" }]]);
    expect(messageIds(answered)).toEqual(["m1", "a1", "m3", "m2"]);
  });

  it("can be taken back with their run while they wait", () => {
    const state = play([...busy, ["message-removed", { messageId: "m2" }, "r2"], ["run-cancelled", {}, "r2"]]);
    expect(messageIds(state)).toEqual(["m1", "m3"]);
    expect(Object.keys(state.activeRuns)).toEqual(["r1", "r3"]);
    expect(state.endedRuns).toEqual({});
  });

  it("can be reworded while they wait", () => {
    const state = play([...busy, ["message-updated", { messageId: "m2", text: "rather this" }, "r2"]]);
    expect(state.messages[1]).toMatchObject({ messageId: "m2", text: "rather this" });
  });

  it("of the model hold what its text parts said, also when it was cut before it was completed", () => {
    const state = play([
      ...started,
      ["part-opened", { partId: "p1", messageId: "a1", turn: 1, kind: "reasoning" }],
      ["part-closed", { partId: "p1", text: "hmm" }],
      ["part-opened", { partId: "p2", messageId: "a1", turn: 1, kind: "text" }],
      ["part-closed", { partId: "p2", text: "Half an ans", cut: true }],
    ]);
    expect(state.messages[1]).toMatchObject({ messageId: "a1", role: "assistant", runId: "r1", text: "Half an ans" });
  });

  it("of the model are in the end what their completion says", () => {
    const state = play([...started, ["message-completed", { messageId: "a1", text: "All of it." }]]);
    expect(state.messages[1]).toMatchObject({ messageId: "a1", role: "assistant", text: "All of it." });
  });
});

describe("a part", () => {
  const open = play([...started, ["part-opened", { partId: "p1", messageId: "a1", turn: 1, kind: "text" }]]);

  it("grows by its deltas, counted in UTF-16 units", () => {
    expect(textOf(delta(delta(open, 0, "a🙂"), 3, "b"))).toBe("a🙂b");
  });

  it("takes from a delta only what is new", () => {
    const state = delta(open, 0, "abc");
    expect(textOf(delta(state, 1, "bcd"))).toBe("abcd");
    expect(delta(state, 0, "abc")).toBe(state);
    expect(delta(state, 0, "")).toBe(state);
  });

  it("does not grow over a hole, and is whole when it closes", () => {
    const state = delta(open, 0, "abc");
    expect(delta(state, 4, "e")).toBe(state);
    const closed = play([["part-closed", { partId: "p1", text: "abcde" }]], state);
    expect(runOf(closed).parts).toMatchObject([{ status: "closed", text: "abcde", cut: false }]);
    expect(openParts(closed)).toEqual([]);
    expect(delta(closed, 5, "f")).toBe(closed);
  });

  it("that is not there yet gets no text", () => {
    const state = play(started);
    expect(delta(state, 0, "abc")).toBe(state);
  });

  it("costs the same after 10,000 messages: a delta touches nothing but its run", () => {
    const [message] = play(started).messages;
    const messages = Array.from({ length: 10_000 }, () => message).filter((one) => one !== undefined);
    const endedRuns = Object.fromEntries(messages.map((_, index) => [`old${index}`, runOf(open)]));
    const state = { ...open, messages, endedRuns };
    const after = delta(state, 0, "abc");
    expect(after.messages).toBe(messages);
    expect(after.endedRuns).toBe(endedRuns);
    expect(textOf(after)).toBe("abc");
  });
});

describe("trimSession", () => {
  const ended = play([...started, ["message-completed", { messageId: "a1", text: "done" }], ["run-cancelled", {}]]);
  const state = play([...asked("m2", "r2"), ["run-started", { model: "demo" }, "r2"]], ended);

  it("leaves a short session as it is", () => {
    expect(trimSession(state, 3)).toBe(state);
  });

  it("keeps the newest messages with their runs, and says that there is more", () => {
    expect(trimSession(state, 2)).toMatchObject({ truncated: true, endedRuns: { r1: { runId: "r1" } } });
    const trimmed = trimSession(state, 1);
    expect(messageIds(trimmed)).toEqual(["m2"]);
    expect(trimmed.endedRuns).toEqual({});
  });

  it("keeps active runs whose messages it drops, and lets them go when they have ended", () => {
    const trimmed = trimSession(state, 0);
    expect(trimmed.messages).toEqual([]);
    expect(Object.keys(trimmed.activeRuns)).toEqual(["r2"]);
    expect(trimSession(play([["run-cancelled", {}, "r2"]], trimmed), 2).endedRuns).toEqual({});
  });
});
