import { describe, expect, it } from "vitest";
import { RunScript } from "../testing/run-of.ts";
import { planCount, planRows } from "./fold.ts";

const shape = (script: RunScript, open = false): readonly string[] =>
  planRows(script.run().todos, open).map((row) => (row.kind === "done" ? `${row.todos.length} done` : row.todo.id));

describe("the lines of the plan", () => {
  it("folds what is done once there are two of it, and leaves the rest in its order", () => {
    const script = new RunScript().todo("t1").todo("t2").todo("t3").todo("t4").ran("t1", 0, 10);
    expect(shape(script)).toEqual(["t1", "t2", "t3", "t4"]);
    script.ran("t3", 10, 20);
    expect(shape(script)).toEqual(["2 done", "t2", "t4"]);
    expect(shape(script, true)).toEqual(["2 done", "t1", "t2", "t3", "t4"]);
  });

  it("never folds what failed, was skipped, or was not understood", () => {
    const script = new RunScript().todo("t1").todo("t2").todo("t3").todo("t4").ran("t1", 0, 1).ran("t2", 0, 1);
    script.event("todo-failed", { todoId: "t3", error: { code: "x", message: "No." } });
    script.event("todo-skipped", { todoId: "t4", reason: "t3 failed" });
    script.event("todo-invalid", { todoId: "t5", line: "5. what", error: { code: "parse", message: "No." }, turn: 1 });
    expect(shape(script)).toEqual(["2 done", "t3", "t4", "t5"]);
  });

  it("shows a fan-out as one line that knows its children", () => {
    const script = new RunScript().todo("t1").todo("t1.1", { parent: "t1" }).todo("t1.2", { parent: "t1" });
    const [row] = planRows(script.run().todos, false);
    expect(row).toMatchObject({ kind: "todo", todo: { id: "t1" }, children: [{ id: "t1.1" }, { id: "t1.2" }] });
    expect(planCount(script.run().todos)).toEqual({ done: 0, total: 1, failed: 0 });
  });

  it("gives the folded line the time in which any of them ran, not the time between", () => {
    const script = new RunScript()
      .todo("t1")
      .todo("t2")
      .todo("t3")
      .ran("t1", 0, 100)
      .ran("t2", 50, 200)
      .ran("t3", 60_000, 60_100);
    expect(planRows(script.run().todos, false)[0]).toMatchObject({ kind: "done", ms: 300 });
  });
});
