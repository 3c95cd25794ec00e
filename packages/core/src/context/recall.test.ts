import { describe, expect, test } from "vitest";
import { recallText } from "./recall.ts";
import { message, storeOf, todo } from "./sessions.fixture.ts";

const messages = [
  message("a", "r1", { text: "Hello" }),
  message("b", "r1", { role: "assistant", turn: 1, text: "", raw: "```plan\n1. x()\n```" }),
  message("c", "r2", { text: "Again" }),
  message("z", "other", { sessionId: "s2", text: "Not yours" }),
];
const todos = [
  todo("r1", "t2", { result: { path: "a.ts", text: "one\ntwo" } }),
  todo("r2", "t2", { result: "of this run" }),
  todo("r2", "t2.1", { result: ["child"] }),
  todo("r2", "t3", { status: "failed", error: { code: "x", message: "It broke." } }),
  todo("r2", "t4", { status: "skipped", note: "Not needed." }),
  todo("r2", "t5", { status: "running" }),
  todo("other", "t9", { sessionId: "s2", result: "Not yours" }),
];

describe("recall", () => {
  test.each<readonly [string, string | null]>([
    ["m1", "Hello"],
    ["m2", "```plan\n1. x()\n```"],
    ["m3", "Again"],
    ["m4", null],
    ["m0", null],
    ["t2", "of this run"],
    ["t2.1", '"child"'],
    ["t3", "It broke."],
    ["t4", "Not needed."],
    ["t5", null],
    ["t9", null],
    ["m1.t2", 'path: "a.ts"\ntext:\none\ntwo'],
    ["m3.t2.1", '"child"'],
    ["m1.t3", null],
    ["m9.t2", null],
    [" t2 ", "of this run"],
    ["t2; drop", null],
    ["r1", null],
    ["", null],
  ])("%j finds %j", async (id, text) => {
    const found = await recallText(await storeOf(messages, todos), { sessionId: "s1", runId: "r2" }, id);
    expect(found?.text ?? null).toBe(text);
  });
});
