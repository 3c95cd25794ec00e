import type { ApprovalTodo } from "@orquestra/protocol";
import { describe, expect, it } from "vitest";
import { outsideNotes, sharedSuggestion } from "./origin.ts";

const user = { integrity: "user", confidentiality: "public" } as const;
const outside = { integrity: "outside", confidentiality: "public" } as const;

function todo(fields: Partial<ApprovalTodo>): ApprovalTodo {
  const rest = { summary: "send it", arguments: {}, provenance: [], control: user, undoable: false, reasons: [] };
  return { todoId: "t4", effects: ["egress"], ...rest, ...fields };
}

describe("what a person is told came from outside", () => {
  it("is the value, by the name of its argument, and the place it was copied from", () => {
    const provenance = [
      {
        argument: "/recipient",
        integrity: "outside" as const,
        source: "copied from bill.txt, line 6, in t1 (file_read), text nobody vouches for",
      },
      { argument: "/amount", integrity: "user" as const, source: "edited by you" },
    ];
    expect(outsideNotes(todo({ arguments: { recipient: "DE12", amount: 3 }, provenance }))).toEqual([
      {
        kind: "value",
        name: "recipient",
        value: "DE12",
        source: "copied from bill.txt, line 6, in todo 1 (file_read), text nobody vouches for",
      },
    ]);
  });

  it("is also a value that the model wrote and that stands in such text", () => {
    const source =
      "written by the model, which had read text from outside; the same stands in https://a.example, line 3, in t2 (web_fetch)";
    const provenance = [{ argument: "/items/0/to", integrity: "outside" as const, source }];
    const notes = outsideNotes(todo({ arguments: { items: [{ to: "eve" }] }, provenance, control: outside }));
    expect(notes).toMatchObject([
      { kind: "suggested" },
      { name: "items.0.to", value: "eve", source: source.replace("in t2 (", "in todo 2 (") },
    ]);
  });

  it("leaves nothing of a value out where its place in it cannot be found", () => {
    const provenance = [
      { argument: "/a/9", integrity: "outside" as const, source: "copied from t1 (x), text nobody vouches for" },
    ];
    expect(outsideNotes(todo({ arguments: { a: ["one"] }, provenance }))).toMatchObject([{ value: '["one"]' }]);
  });

  it("names what a proposal was suggested after", () => {
    const readBefore = ["https://docs.example/in t9 (x), in t3 (web_fetch)", "t2 (recall)", "and 2 more"];
    expect(outsideNotes(todo({ control: outside, readBefore }))).toEqual([
      {
        kind: "suggested",
        text: "suggested after reading https://docs.example/in t9 (x), in todo 3 (web_fetch); todo 2 (recall); and 2 more",
      },
    ]);
    expect(outsideNotes(todo({ control: outside }))).toEqual([
      { kind: "suggested", text: "written by the model after it had read text from outside, which nobody here controls" },
    ]);
    expect(outsideNotes(todo({}))).toEqual([]);
  });

  it("is said once where it is the same for all", () => {
    const one = todo({ control: outside, readBefore: ["https://a.example, in t3 (web_fetch)"] });
    expect(sharedSuggestion([one, one])).toBe("suggested after reading https://a.example, in todo 3 (web_fetch)");
    expect([sharedSuggestion([one]), sharedSuggestion([one, todo({})]), sharedSuggestion([todo({}), todo({})])]).toEqual([
      null,
      null,
      null,
    ]);
  });
});
