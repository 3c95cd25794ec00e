import { describe, expect, it } from "vitest";
import { RunScript } from "../testing/run-of.ts";
import { type Segment, segmentsOf } from "./segments.ts";

const user = { integrity: "user", confidentiality: "public" } as const;

function card(approvalId: string, todoId: string) {
  const todo = { todoId, effects: ["write" as const], summary: "change a", arguments: {}, provenance: [], reasons: [] };
  return { approvalId, kind: "effects" as const, todos: [{ ...todo, control: user, undoable: true }] };
}

function part(script: RunScript, partId: string, turn: number, text = "text"): RunScript {
  return script.event("part-opened", { partId, messageId: "a1", turn, kind: "text" }).event("part-closed", { partId, text });
}

const keys = (segments: readonly Segment[]): readonly string[] => segments.map((segment) => segment.key);

describe("what the thread shows of a run", () => {
  it("goes turn by turn, each turn's text before its todos, however the events interleaved", () => {
    const script = new RunScript().event("turn-started", { turn: 1 });
    script.todo("t1", { effects: ["exec"] });
    part(script, "p1", 1).event("turn-started", { turn: 2 });
    part(script, "p2", 2).todo("t2", { effects: ["exec"], turn: 2 });
    expect(keys(segmentsOf(script.run()).past)).toEqual(["p1", "t1", "p2", "t2"]);
  });

  it("shows neighbouring reads as one, but never one that failed", () => {
    const script = new RunScript()
      .todo("t1")
      .todo("t2")
      .todo("t3", { effects: ["write"] })
      .todo("t4")
      .todo("t5");
    expect(keys(segmentsOf(script.run()).past)).toEqual(["reads:t1", "t3", "reads:t4"]);
    script.event("todo-failed", { todoId: "t4", error: { code: "x", message: "No." } });
    expect(keys(segmentsOf(script.run()).past)).toEqual(["reads:t1", "t3", "t4", "t5"]);
  });

  it("keeps a question last while it is open, with its todo in it and nowhere else", () => {
    const script = new RunScript().todo("t1", { effects: ["write"] }).event("approval-requested", card("ap1", "t1"));
    part(script.event("turn-started", { turn: 2 }), "p2", 2);
    expect(segmentsOf(script.run())).toMatchObject({ past: [{ key: "p2" }], waiting: [{ key: "ap1" }] });
    script.event("approval-resolved", { approvalId: "ap1", decision: "allow_once", by: "u" });
    expect(keys(segmentsOf(script.run()).past)).toEqual(["t1", "ap1", "p2"]);
  });

  it("shows no empty text", () => {
    expect(segmentsOf(part(new RunScript(), "p1", 1, " \n").run()).past).toEqual([]);
  });
});
