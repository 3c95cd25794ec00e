import { describe, expect, test } from "vitest";
import type { ApprovalRecord } from "../persistence/index.ts";
import { grantOf } from "./calls.fixture.ts";
import { grantsOf, lifts } from "./grants.ts";

function approval(
  fields: Partial<NonNullable<ApprovalRecord["answer"]>> | null,
  record: Partial<ApprovalRecord> = {},
): ApprovalRecord {
  const ids = { id: "a1", runId: "r1", sessionId: "s1", userId: "u1" };
  const shown = { kind: "effects", question: null, todos: [], hashes: { t1: "h1", t2: "h2" }, rules: {} } as const;
  const answer = fields === null ? null : { approvalId: "a1", decision: "allow_once" as const, by: "u1", ...fields };
  const times = { requestedAt: "2026-11-22T11:00:00.000Z", answeredAt: answer === null ? null : "2026-11-22T12:00:00.000Z" };
  return { ...ids, ...shown, ...times, answer, ...record };
}

function granted(record: ApprovalRecord): readonly string[] {
  return grantsOf(record, new Set()).map(({ todoId }) => todoId);
}

describe("the grants of an approval", () => {
  test("are bound to each todo's own hash and to the time of the answer", () => {
    expect(grantsOf(approval({}), new Set(["t2"]))).toEqual([
      {
        approvalId: "a1",
        todoId: "t1",
        hash: "h1",
        kind: "effects",
        scope: "once",
        grantedAt: "2026-11-22T12:00:00.000Z",
        used: false,
      },
      {
        approvalId: "a1",
        todoId: "t2",
        hash: "h2",
        kind: "effects",
        scope: "once",
        grantedAt: "2026-11-22T12:00:00.000Z",
        used: true,
      },
    ]);
  });

  test.each<readonly [string, ApprovalRecord, readonly string[]]>([
    ["all of an allowed card", approval({ decision: "allow_once" }), ["t1", "t2"]],
    ["all of one that is always allowed", approval({ decision: "allow_always" }), ["t1", "t2"]],
    ["none of a rejected one", approval({ decision: "reject_once" }), []],
    ["none of one that is always rejected", approval({ decision: "reject_always" }), []],
    ["those that were answered otherwise", approval({ decision: "reject_once", decisions: { t2: "allow_once" } }), ["t2"]],
    ["not those that were rejected by themselves", approval({ decisions: { t2: "reject_always" } }), ["t1"]],
    ["nothing the card did not name", approval({ decisions: { t9: "allow_once" } }), ["t1", "t2"]],
    ["none of an open card", approval(null), []],
  ])("are %s", (_, record, todos) => {
    expect(granted(record)).toEqual(todos);
  });

  test("hold for the plan only where the answer says so", () => {
    expect(grantsOf(approval({ scope: "plan" }), new Set())[0]?.scope).toBe("plan");
    expect(grantsOf(approval({ scope: "always" }), new Set())[0]?.scope).toBe("once");
  });
});

test.each([
  ["effects", true, true, false],
  ["plan", true, true, false],
  ["repeat", true, true, true],
  ["budget", false, false, false],
  ["flood", false, false, false],
  ["question", false, false, false],
] as const)("the answer to %s lifts asks of rules %s, of approvals %s, of repeats %s", (kind, rule, approved, repeat) => {
  const grant = grantOf("h", { kind });
  const lifted = (["rule", "approval", "repeat_approval", "own_repeat_approval"] as const).map((it) => lifts(grant, it, "t1"));
  expect(lifted).toEqual([rule, approved, repeat, repeat]);
  expect(lifts(grant, "own_repeat_approval", "t2")).toBe(false);
});
