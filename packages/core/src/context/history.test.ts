import { describe, expect, test } from "vitest";
import type { MessageRecord } from "../persistence/index.ts";
import { loadHistory } from "./history.ts";
import { label } from "./prompts.fixture.ts";
import { message, storeOf } from "./sessions.fixture.ts";

const answer = { role: "assistant", turn: 1 } as const;

async function historyFor(runId: string, messages: readonly MessageRecord[]): Promise<readonly string[]> {
  const history = await loadHistory(await storeOf(messages), { sessionId: "s1", runId });
  return history.map(({ number, role, text }) => `${number} ${role}: ${text}`);
}

describe("history", () => {
  test("is what was said before, without the plan and without this run", async () => {
    const messages = [
      message("a", "r1", { text: "Hello" }),
      message("b", "r1", { ...answer, text: "Hi.", raw: "Hi.\n```plan\n1. x()\n```", label: label("workspace") }),
      message("c", "r2", { text: "Now?" }),
      message("d", "r2", { ...answer, text: "Wait." }),
    ];
    expect(await historyFor("r2", messages)).toEqual(["m1 user: Hello", "m2 assistant: Hi."]);
    const [, second] = await loadHistory(await storeOf(messages), { sessionId: "s1", runId: "r2" });
    expect(second).toEqual({ number: "m2", role: "assistant", text: "Hi.", label: label("workspace"), runId: "r1" });
  });

  test("leaves out turns that wrote only a plan, and they keep their number", async () => {
    const messages = [
      message("a", "r1", { text: "Look." }),
      message("b", "r1", { ...answer, text: "  ", raw: "```plan\n```" }),
      message("c", "r1", { ...answer, turn: 2, text: "Found." }),
    ];
    expect(await historyFor("r2", messages)).toEqual(["m1 user: Look.", "m3 assistant: Found."]);
  });

  test("keeps each run together where messages were queued in between, and leaves out what still waits", async () => {
    const messages = [
      message("a", "r1", { text: "one" }),
      message("b", "r2", { text: "two" }),
      message("c", "r3", { text: "three" }),
      message("d", "r1", { ...answer, text: "first" }),
    ];
    expect(await historyFor("r2", messages)).toEqual(["m1 user: one", "m4 assistant: first"]);
  });

  test("holds what was asked in a run that ended without an answer", async () => {
    expect(await historyFor("r2", [message("a", "r1", { text: "one" }), message("b", "r2", { text: "two" })])).toEqual([
      "m1 user: one",
    ]);
  });

  test("holds a run that was moved up in the queue and has run before", async () => {
    const messages = [
      message("a", "r1", { text: "one" }),
      message("b", "r2", { text: "two, moved up" }),
      message("c", "r2", { ...answer, text: "second" }),
    ];
    expect(await historyFor("r1", messages)).toEqual(["m2 user: two, moved up", "m3 assistant: second"]);
  });

  test("goes back over many pages with stable numbers", async () => {
    const messages = Array.from({ length: 2100 }, (_, index) =>
      message(`id${index}`, `r${index}`, { text: `text ${index + 1}` }),
    );
    const history = await historyFor("new", messages);
    expect(history).toHaveLength(2100);
    expect(history[0]).toBe("m1 user: text 1");
    expect(history[2099]).toBe("m2100 user: text 2100");
  });

  test("knows only its session", async () => {
    expect(await historyFor("r2", [message("a", "r1", { sessionId: "s2" })])).toEqual([]);
  });
});
