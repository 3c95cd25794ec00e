import { describe, expect, it } from "vitest";
import { RunScript, scriptStart } from "../testing/run-of.ts";
import { scoreOf } from "./score.ts";

const outside = { integrity: "outside", confidentiality: "public" } as const;

function asked(script: RunScript, todoId: string, approvalId = "ap1"): RunScript {
  const todo = { todoId, effects: ["write" as const], summary: "change a", arguments: {}, provenance: [], reasons: [] };
  const card = { ...todo, control: outside, undoable: true };
  return script.event("approval-requested", { approvalId, kind: "effects", todos: [card] });
}

describe("the score", () => {
  it("has a lane for the model and one for each todo, children of a fan-out not among them", () => {
    const script = new RunScript().event("turn-started", { turn: 1 }).todo("t1").todo("t2").todo("t2.1", { parent: "t2" });
    expect(scoreOf(script.run(), scriptStart + 1000)?.lanes.map((lane) => lane.key)).toEqual(["model", "t1", "t2"]);
  });

  it("says how much longer one after the other would have taken, without the time a person took", () => {
    const script = new RunScript().todo("t1").todo("t2").todo("t3").ran("t1", 0, 1000);
    script.at(0).event("todo-started", { todoId: "t2", attempt: 1 });
    script.at(2000).event("todo-completed", { todoId: "t2", preview: "", ms: 2000 });
    asked(script.at(2000), "t3").at(602_000).event("approval-resolved", { approvalId: "ap1", decision: "allow_once", by: "u" });
    script.ran("t3", 602_000, 603_000);
    const score = scoreOf(script.run(), scriptStart + 603_000);
    expect(score).toMatchObject({ workedMs: 3000, serialMs: 4000, atOnce: 2 });
  });

  it("shortens the time a person took, and keeps the work to scale", () => {
    const script = new RunScript()
      .todo("t1")
      .todo("t2", { effects: ["write"] })
      .ran("t1", 0, 1000);
    asked(script, "t2").at(3_601_000).event("approval-resolved", { approvalId: "ap1", decision: "allow_once", by: "u" });
    script.ran("t2", 3_601_000, 3_602_000);
    const axis = scoreOf(script.run(), scriptStart + 3_602_000)?.axis;
    const width = (from: number, to: number): number =>
      (axis?.place(scriptStart + to) ?? 0) - (axis?.place(scriptStart + from) ?? 0);
    expect(width(0, 1000)).toBeCloseTo(width(3_601_000, 3_602_000), 6);
    expect(width(1000, 3_601_000)).toBeLessThan(width(0, 1000) / 2);
    expect(axis?.pauses).toHaveLength(1);
    expect(axis?.pauses[0]?.ms).toBe(3_600_000);
  });

  it("puts every bar inside the axis, later moments never left of earlier ones", () => {
    const script = new RunScript().event("turn-started", { turn: 1 }).todo("t1").todo("t2").ran("t1", 100, 400);
    script.at(50_000).event("todo-started", { todoId: "t2", attempt: 1 });
    const now = scriptStart + 51_000;
    const score = scoreOf(script.run(), now);
    const bars = score?.lanes.flatMap((lane) => lane.bars) ?? [];
    expect(bars.length).toBe(3);
    for (const bar of bars) {
      const [left, right] = [score?.axis.place(bar.start) ?? -1, score?.axis.place(bar.end) ?? 2];
      expect(left).toBeGreaterThanOrEqual(0);
      expect(right).toBeGreaterThanOrEqual(left);
      expect(right).toBeLessThanOrEqual(1);
    }
  });

  it("hatches what came from outside and waits, and calls it proposed", () => {
    const script = asked(new RunScript().todo("t1", { control: outside, status: "proposed", effects: ["egress"] }), "t1");
    expect(scoreOf(script.run(), scriptStart + 10)?.lanes[0]?.bars).toMatchObject([{ tone: "out", label: "proposed" }]);
  });

  it("shows that something waits that was edited, and is asked anew", () => {
    const script = asked(new RunScript().todo("t1").at(100), "t1");
    script.at(500).event("approval-resolved", { approvalId: "ap1", decision: "reject_once", by: "u" });
    const [lane] = scoreOf(asked(script, "t1", "ap2").run(), scriptStart + 900)?.lanes ?? [];
    expect(lane?.bars).toMatchObject([{ start: scriptStart + 500, end: scriptStart + 900, label: "waits for you" }]);
  });

  it("says why nothing plays in a lane", () => {
    const script = new RunScript().todo("t1").event("todo-skipped", { todoId: "t1", reason: "because" });
    script.event("todo-invalid", { todoId: "t2", line: "2. nonsense", error: { code: "parse", message: "No." }, turn: 1 });
    expect(scoreOf(script.run(), scriptStart + 10)?.lanes.map((lane) => lane.rest)).toEqual(["skipped", "not understood"]);
  });

  it("ends a turn that was cut where the next begins", () => {
    const script = new RunScript().event("turn-started", { turn: 1 }).at(500).event("turn-started", { turn: 2 });
    const bars = scoreOf(script.run(), scriptStart + 900)?.lanes[0]?.bars ?? [];
    expect(bars.map((bar) => bar.end - bar.start)).toEqual([500, 400]);
  });

  it("has about five ticks, whatever the run took", () => {
    for (const ms of [30, 900, 4_000, 65_000, 3_700_000]) {
      const script = new RunScript().todo("t1").ran("t1", 0, ms);
      const ticks = scoreOf(script.run(), scriptStart + ms)?.axis.ticks ?? [];
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(8);
      expect(ticks.at(-1)?.at).toBeCloseTo(1, 6);
    }
  });
});
