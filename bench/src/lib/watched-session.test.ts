import type { Engine, LiveFrame } from "@orquestra/core";
import type { OrquestraEvent } from "@orquestra/protocol";
import { expect, it } from "vitest";
import { WatchedSession } from "./watched-session.ts";

/** An engine that answers every command and says what it is told to say. */
function saying(...frames: readonly LiveFrame[]): Engine {
  let deliver: (frame: LiveFrame) => void = () => undefined;
  return {
    handle: (command) => {
      if (command.type === "message-send") for (const frame of frames) deliver(frame);
      return Promise.resolve({ sessionId: "s", runId: "r", messageId: "m" });
    },
    attach: (request) => {
      ({ deliver } = request);
      return Promise.resolve({ seq: 0, snapshot: null, watching: 1, start: () => undefined, detach: () => undefined });
    },
    refused: () => undefined,
    close: () => Promise.resolve(),
  };
}

const of = { v: 1, sessionId: "s", at: "2026-01-01T00:00:00.000Z", runId: "r" } as const;
const opened = (seq: number): OrquestraEvent => ({
  ...of,
  type: "part-opened",
  seq,
  data: { partId: "p", messageId: "m", turn: 1, kind: "text" },
});
const closed = (seq: number): OrquestraEvent => ({ ...of, type: "part-closed", seq, data: { partId: "p", text: "ab" } });
const completed = (seq: number): OrquestraEvent => ({
  ...of,
  type: "run-completed",
  seq,
  data: { stopReason: "end_turn", usage: { inputTokens: 0, outputTokens: 0 }, cost: null },
});
const delta = (offset: number, text: string): LiveFrame => ({ v: 1, type: "delta", sessionId: "s", partId: "p", offset, text });

it("a run is reported with the text as it was streamed and as the log has it", async () => {
  const session = await WatchedSession.open(saying(opened(1), delta(0, "a"), delta(1, "b"), closed(2), completed(3)));
  expect(await session.run("hi")).toEqual({ completedTodos: 0, streamed: "ab", text: "ab", events: 3 });
});

it("a gap in the numbers is an error", async () => {
  const session = await WatchedSession.open(saying(opened(1), completed(3)));
  await expect(session.run("hi")).rejects.toThrow("event 3 came after 1");
});

it("a lost delta is an error", async () => {
  const session = await WatchedSession.open(saying(opened(1), delta(0, "a"), delta(2, "c"), completed(2)));
  await expect(session.run("hi")).rejects.toThrow("text at 2 came after 1");
});

it("a run that asks or fails is an error", async () => {
  const waiting: OrquestraEvent = { ...of, type: "run-waiting", seq: 1, data: {} };
  const session = await WatchedSession.open(saying(waiting));
  await expect(session.run("hi")).rejects.toThrow("run-waiting");
});
