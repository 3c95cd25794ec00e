import type { ApprovalState, ApprovalTodo } from "@orquestra/protocol";
import { describe, expect, it } from "vitest";
import { allowLabel, isHarmless, question, sentenceOf } from "./sentence.ts";

const user = { integrity: "user", confidentiality: "public" } as const;
const outside = { integrity: "outside", confidentiality: "public" } as const;

function todo(fields: Partial<ApprovalTodo>): ApprovalTodo {
  const rest = { summary: "change a.ts", arguments: {}, provenance: [], control: user, undoable: true, reasons: [] };
  return { todoId: "t1", effects: ["write"], ...rest, ...fields };
}

function card(...todos: ApprovalTodo[]): ApprovalState {
  return { approvalId: "ap1", kind: "effects", todos, answer: null, requestedAt: "2026-01-01T00:00:00.000Z" };
}

describe("the sentence of a card", () => {
  it("names the weightiest effect and says the verb once", () => {
    expect(sentenceOf(todo({ summary: "change src/a.ts: 2 lines added", arguments: { path: "src/a.ts" } }))).toEqual({
      verb: "changes",
      pieces: [
        { text: "src/a.ts", quoted: true },
        { text: ": 2 lines added", quoted: false },
      ],
    });
    expect(sentenceOf(todo({ effects: ["exec", "write"], summary: "run npm test" })).verb).toBe("runs");
    expect(sentenceOf(todo({ effects: ["write", "destructive"] })).verb).toBe("deletes");
  });

  it("shows a command of several lines as it is", () => {
    const command = "npm ci\nnpm test";
    const pieces = sentenceOf(todo({ effects: ["exec"], summary: "run npm ci\\u{a}npm test", arguments: { command } })).pieces;
    expect(pieces).toEqual([{ text: command, quoted: true }]);
  });
});

describe("a card", () => {
  it("is harmless only when all of it can be undone and none of it came from outside", () => {
    expect(isHarmless(card(todo({}), todo({})))).toBe(true);
    expect(isHarmless(card(todo({}), todo({ undoable: false })))).toBe(false);
    expect(isHarmless(card(todo({}), todo({ control: outside })))).toBe(false);
    expect(isHarmless(card())).toBe(false);
  });

  it("asks in one sentence", () => {
    expect(question(card(todo({ summary: "change a.ts: 2 lines added, 1 removed" }), todo({})))).toBe(
      "May I change a.ts, and 1 more?",
    );
    expect(question({ ...card(), kind: "budget", question: "Go on?" })).toBe("Go on?");
    expect(question({ ...card(), kind: "budget" })).toBe("The budget is used up");
  });

  it("counts what it allows", () => {
    expect([1, 2, 3].map(allowLabel)).toEqual(["Allow", "Allow both", "Allow all 3"]);
  });
});
