import { describe, expect, it } from "vitest";
import { RunScript } from "../testing/run-of.ts";
import { type TodoAction, actionsFor } from "./actions.ts";

const args = { path: "a.ts" };
const failure = { code: "x", message: "No." };

function actionsOn(script: RunScript, id: string): readonly TodoAction[] {
  const run = script.run();
  const todo = run.todos.find((candidate) => candidate.id === id);
  if (todo === undefined) throw new Error(`no todo ${id}`);
  return actionsFor(run, todo);
}

describe("what can be done to a todo", () => {
  it("is to edit or skip it before it starts, and to stop it while it runs", () => {
    const script = new RunScript().todo("t1", { args }).todo("t2", { args, status: "proposed" });
    expect([actionsOn(script, "t1"), actionsOn(script, "t2")]).toEqual([
      ["edit", "skip"],
      ["edit", "skip"],
    ]);
    script.event("todo-started", { todoId: "t1", attempt: 1 });
    expect(actionsOn(script, "t1")).toEqual(["stop"]);
  });

  it("is to stop it while it waits to be tried again by itself", () => {
    const script = new RunScript().todo("t1", { args }).event("todo-started", { todoId: "t1", attempt: 1 });
    script.event("todo-retried", { todoId: "t1", attempt: 1, error: failure, delayMs: 500 });
    expect(actionsOn(script, "t1")).toEqual(["stop"]);
  });

  it("is to try it again once it ended without a result, and nothing once it has one", () => {
    const script = new RunScript().todo("t1", { args }).todo("t2", { args }).todo("t3", { args }).todo("t4", { args });
    script.event("todo-failed", { todoId: "t1", error: failure }).event("todo-cancelled", { todoId: "t2" });
    script.event("todo-skipped", { todoId: "t3", reason: "no" }).ran("t4", 0, 1);
    for (const id of ["t1", "t2", "t3"]) expect(actionsOn(script, id), id).toEqual(["retry", "edit-retry"]);
    expect(actionsOn(script, "t4")).toEqual([]);
  });

  it("is nothing for one that waits in vain for the result of another, which has to run again first", () => {
    const script = new RunScript().todo("t1", { args }).todo("t2", { args: { path: { $ref: "t1#/path" } } });
    script.event("todo-failed", { todoId: "t1", error: failure }).event("todo-skipped", { todoId: "t2", reason: "t1 failed" });
    expect(actionsOn(script, "t2")).toEqual([]);
  });

  it("is not to edit what has no arguments, was split up, or has been started before", () => {
    const script = new RunScript().todo("t1").todo("t2", { args }).todo("t2.1", { args, parent: "t2" }).todo("t3", { args });
    script.event("todo-failed", { todoId: "t1", error: failure }).event("todo-failed", { todoId: "t2", error: failure });
    script.event("todo-started", { todoId: "t3", attempt: 1 }).event("todo-cancelled", { todoId: "t3" });
    script.event("todo-updated", { todoId: "t3", status: "waiting_approval" });
    expect([actionsOn(script, "t1"), actionsOn(script, "t2"), actionsOn(script, "t3")]).toEqual([["retry"], ["retry"], ["skip"]]);
    expect(actionsOn(script, "t2.1")).toEqual(["edit", "skip"]);
  });

  it("is nothing any more once the run has ended, and nothing to a line that was not understood", () => {
    const script = new RunScript().todo("t1", { args });
    script.event("todo-invalid", { todoId: "t2", line: "2. what", error: failure, turn: 1 });
    expect(actionsOn(script, "t2")).toEqual([]);
    script.event("todo-failed", { todoId: "t1", error: failure }).event("run-cancelled", {});
    expect(actionsOn(script, "t1")).toEqual([]);
  });
});
