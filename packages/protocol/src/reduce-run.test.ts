import { describe, expect, it } from "vitest";
import type { TodoState } from "./state.ts";
import { type Step, added, asked, at, play, runOf, started } from "./testing/steps.ts";

const usage = { inputTokens: 5, outputTokens: 7 };

function todoAfter(...steps: readonly Step[]): TodoState | undefined {
  return runOf(play([...started, added("t1"), ...steps])).todos[0];
}

describe("a run", () => {
  it("goes from queued over running and waiting to its end, and then stands among the ended", () => {
    const queued = play(asked("m1", "r1"));
    expect(runOf(queued)).toMatchObject({ status: "queued", messageId: "m1", queuedAt: at, startedAt: null });
    const waiting = play([...started, ["run-waiting", {}]]);
    expect(runOf(waiting)).toMatchObject({ status: "waiting", model: "demo", startedAt: at });
    const ended = play(
      [
        ["run-resumed", {}],
        ["run-completed", { stopReason: "end_turn", usage, cost: 0.01 }],
      ],
      waiting,
    );
    expect(ended.activeRuns).toEqual({});
    expect(ended.endedRuns["r1"]).toMatchObject({ status: "completed", stopReason: "end_turn", usage, cost: 0.01, endedAt: at });
  });

  it("keeps what it used when it fails or is cancelled", () => {
    const turn: Step = ["turn-completed", { turn: 1, usage }];
    const error = { code: "network", message: "The model went away." };
    expect(runOf(play([...started, turn, ["run-failed", { error }]]))).toMatchObject({ stopReason: "failed", error, usage });
    expect(runOf(play([...started, turn, ["run-cancelled", {}]]))).toMatchObject({ stopReason: "cancelled", usage });
  });

  it("adds up what its turns used", () => {
    const cached = { ...usage, cachedInputTokens: 3 };
    const run = runOf(
      play([
        ...started,
        ["turn-started", { turn: 1 }],
        ["turn-completed", { turn: 1, usage }],
        ["turn-started", { turn: 2 }],
        ["turn-completed", { turn: 2, usage: cached }],
      ]),
    );
    expect(run).toMatchObject({ turn: 2, usage: { inputTokens: 10, outputTokens: 14, cachedInputTokens: 3 } });
    expect(run.turns).toEqual([
      { turn: 1, startedAt: at, endedAt: at, usage },
      { turn: 2, startedAt: at, endedAt: at, usage: cached },
    ]);
  });

  it("keeps what it was told and what it told", () => {
    const run = runOf(play([...started, ["run-steered", { text: "rather in TypeScript" }], ["notice", { text: "switched" }]]));
    expect(run).toMatchObject({ steers: ["rather in TypeScript"], notices: ["switched"] });
  });

  it("takes the first answer to an approval", () => {
    const run = runOf(
      play([
        ...started,
        ["approval-requested", { approvalId: "a1", kind: "question", todos: [], question: "Go on?" }],
        ["approval-resolved", { approvalId: "a1", decision: "allow_once", by: "u1", kind: "question" }],
        ["approval-resolved", { approvalId: "a1", decision: "reject_once", by: "u2" }],
      ]),
    );
    const answer = { approvalId: "a1", decision: "allow_once", by: "u1" };
    expect(run.approvals).toEqual([
      { approvalId: "a1", kind: "question", todos: [], question: "Go on?", answer, requestedAt: at },
    ]);
  });

  it("knows its changed files, once per todo and path, and which were restored", () => {
    const checkpoint = { todoId: "t1", path: "a.ts", status: "changed", added: 1, removed: 0 } as const;
    const run = runOf(
      play([
        ...started,
        ["checkpoint-created", checkpoint],
        ["checkpoint-created", { ...checkpoint, added: 2 }],
        ["checkpoint-created", { ...checkpoint, path: "b.ts" }],
        ["checkpoint-restored", { todoId: "t1", paths: ["a.ts", "b.ts"] }],
        ["checkpoint-restored", { todoId: "t1", paths: ["b.ts"], redo: true }],
      ]),
    );
    expect(run.checkpoints.map(({ path, added: lines, restored }) => [path, lines, restored])).toEqual([
      ["a.ts", 2, true],
      ["b.ts", 1, false],
    ]);
  });

  it("forgets a changed file that was not changed after all", () => {
    const checkpoint = { todoId: "t1", path: "a.ts", status: "changed", added: 1, removed: 0 } as const;
    const run = runOf(
      play([
        ...started,
        ["checkpoint-created", checkpoint],
        ["checkpoint-created", { ...checkpoint, path: "b.ts" }],
        ["checkpoint-dropped", { todoId: "t1", path: "a.ts" }],
      ]),
    );
    expect(run.checkpoints.map(({ path }) => path)).toEqual(["b.ts"]);
  });

  it("is as it was when another process goes on with it", () => {
    expect(play([...started, ["run-recovered", { turn: 0 }]])).toEqual({ ...play(started), seq: play(started).seq + 1 });
  });

  it("can still be changed after its end", () => {
    const ended: readonly Step[] = [...started, ["run-cancelled", {}]];
    const state = play([...ended, ["notice", { text: "late" }]]);
    expect(state.endedRuns["r1"]).toMatchObject({ status: "cancelled", notices: ["late"] });
    expect(state.activeRuns).toEqual({});
  });
});

describe("a todo", () => {
  const error = { code: "timeout", message: "It took too long." };

  it("is added with nothing done yet", () => {
    expect(todoAfter()).toMatchObject({ id: "t1", status: "pending", attempt: 0, startedAt: null, preview: null, line: null });
  });

  it("runs, is tried again, and completes with what it found", () => {
    const retried: readonly Step[] = [
      ["todo-started", { todoId: "t1", attempt: 1 }],
      ["todo-retried", { todoId: "t1", attempt: 1, error, delayMs: 100 }],
    ];
    const retryAt = new Date(Date.parse(at) + 100).toISOString();
    expect(todoAfter(...retried)).toMatchObject({ status: "pending", error, attempt: 1, retryAt });
    const again: Step = ["todo-started", { todoId: "t1", attempt: 2 }];
    expect(todoAfter(...retried, again)).toMatchObject({
      status: "running",
      error: null,
      retryAt: null,
      attempt: 2,
      startedAt: at,
    });
    const done: Step = ["todo-completed", { todoId: "t1", preview: [1], ms: 40, outputRef: "o1" }];
    expect(todoAfter(...retried, again, done)).toMatchObject({
      status: "completed",
      preview: [1],
      ms: 40,
      outputRef: "o1",
      endedAt: at,
    });
  });

  it("is silent until it gives a sign of life, is tried again, or ends", () => {
    const silent: readonly Step[] = [
      ["todo-started", { todoId: "t1", attempt: 1 }],
      ["todo-silent", { todoId: "t1", seconds: 15 }],
      ["todo-silent", { todoId: "t1", seconds: 30 }],
    ];
    expect(todoAfter(...silent)).toMatchObject({ status: "running", silentSeconds: 30 });
    expect(todoAfter(...silent, ["todo-silent", { todoId: "t1", seconds: 0 }])).toMatchObject({ silentSeconds: null });
    const endings: readonly Step[] = [
      ["todo-retried", { todoId: "t1", attempt: 1, error, delayMs: 100 }],
      ["todo-completed", { todoId: "t1", preview: 1, ms: 1 }],
      ["todo-failed", { todoId: "t1", error }],
      ["todo-cancelled", { todoId: "t1" }],
      ["todo-unknown", { todoId: "t1", known: "" }],
    ];
    for (const ending of endings) expect(todoAfter(...silent, ending)).toMatchObject({ silentSeconds: null });
  });

  it("shows what a person wrote into it", () => {
    const edited: Step = ["todo-updated", { todoId: "t1", args: { pattern: "y" }, dependsOn: [], edited: ["pattern"] }];
    expect(todoAfter(edited)).toMatchObject({ args: { pattern: "y" }, edited: ["pattern"] });
  });

  it("ends in each way with its reason", () => {
    expect(todoAfter(["todo-failed", { todoId: "t1", error, ms: 9 }])).toMatchObject({ status: "failed", error, ms: 9 });
    expect(todoAfter(["todo-skipped", { todoId: "t1", reason: "t0 failed" }])).toMatchObject({
      status: "skipped",
      note: "t0 failed",
    });
    expect(todoAfter(["todo-cancelled", { todoId: "t1" }])).toMatchObject({ status: "cancelled", note: null });
    const unknown = todoAfter(["todo-unknown", { todoId: "t1", known: "it had begun to write" }]);
    expect(unknown).toMatchObject({ status: "unknown", note: "it had begun to write", endedAt: null });
  });

  const unknown: readonly Step[] = [
    ["todo-started", { todoId: "t1", attempt: 1 }],
    ["todo-unknown", { todoId: "t1", known: "It may have happened.", files: [{ path: "a.ts", state: "before" }] }],
  ];

  it("keeps what is known of it while nobody knows its outcome, and no longer", () => {
    const facts = { files: [{ path: "a.ts", state: "before" }] };
    expect(todoAfter(...unknown)).toMatchObject({ status: "unknown", note: "It may have happened.", facts });
    expect(todoAfter(...unknown, ["todo-completed", { todoId: "t1", preview: 1, ms: 0 }])?.facts).toBeUndefined();
  });

  it("keeps the first late report of an attempt until it runs again, and stays what it was", () => {
    const late: Step = ["todo-result-late", { todoId: "t1", attempt: 1, status: "completed", preview: "pushed" }];
    const other: Step = ["todo-result-late", { todoId: "t1", attempt: 1, status: "failed", error }];
    const told = todoAfter(...unknown, late, other);
    expect(told).toMatchObject({ status: "unknown", late: { attempt: 1, status: "completed", preview: "pushed" } });
    expect(told?.facts).toBeDefined();
    expect(todoAfter(...unknown, late, ["todo-started", { todoId: "t1", attempt: 2 }])?.late).toBeUndefined();
  });

  it("does not remember that it is being stopped: that is for whoever goes on with the run", () => {
    const before = todoAfter(["todo-started", { todoId: "t1", attempt: 1 }]);
    expect(todoAfter(["todo-started", { todoId: "t1", attempt: 1 }], ["todo-updated", { todoId: "t1", stopping: true }])).toEqual(
      before,
    );
  });

  it("changes only what an update names", () => {
    const updated = todoAfter(["todo-updated", { todoId: "t1", status: "waiting_approval", title: undefined }]);
    expect(updated).toMatchObject({ status: "waiting_approval", title: "search", tool: "code_search" });
  });

  it("forgets how it ended when it may run again", () => {
    const again = todoAfter(["todo-failed", { todoId: "t1", error }], ["todo-updated", { todoId: "t1", status: "pending" }]);
    expect(again).toMatchObject({ status: "pending", error: null, endedAt: null });
  });

  it("that did not parse is replaced by its repaired line, where it stands", () => {
    const invalid: Step = ["todo-invalid", { todoId: "t1", line: "1. nope(", error, turn: 1 }];
    const broken = runOf(play([...started, invalid, added("t2")]));
    expect(broken.todos[0]).toMatchObject({ id: "t1", status: "pending", line: "1. nope(", error, tool: "" });
    const repaired = runOf(play([...started, invalid, added("t2"), added("t1")]));
    expect(repaired.todos.map(({ id, tool, line }) => [id, tool, line])).toEqual([
      ["t1", "code_search", null],
      ["t2", "code_search", null],
    ]);
  });

  it("nobody has heard of is ignored", () => {
    expect(todoAfter(["todo-started", { todoId: "t9", attempt: 1 }])).toMatchObject({ id: "t1", status: "pending" });
  });
});
