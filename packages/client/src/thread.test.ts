import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Stage } from "./testing/stage.ts";

let stage: Stage;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  stage = new Stage((ms) => vi.advanceTimersByTimeAsync(ms));
});

afterEach(() => {
  stage.client.close();
  vi.useRealTimers();
});

describe("older messages", () => {
  beforeEach(() => {
    stage.server.snapshotMessages = 4;
    for (let round = 0; round < 40; round += 1) {
      stage.ask(`m${round}`, `r${round}`);
      stage.event("run-started", { model: "demo" }, `r${round}`);
      stage.event("message-completed", { messageId: `a${round}`, text: round % 10 === 0 ? "" : "answer" }, `r${round}`);
      stage.event("run-cancelled", {}, `r${round}`);
    }
  });

  /** Every tenth answer is empty: its turn only planned, and nothing of it is shown. */
  const spoken = Array.from({ length: 40 }, (_, round) => (round % 10 === 0 ? [`m${round}`] : [`m${round}`, `a${round}`])).flat();

  it("are loaded before the first, page by page, until there are no more", async () => {
    await stage.watch();
    expect(stage.session.messageIds.get()).toEqual(spoken.slice(-4));
    await expect(stage.session.loadOlder()).resolves.toBe(true);
    await stage.pass();
    expect(stage.session.messageIds.get()).toEqual(spoken.slice(-stage.session.messageIds.get().length));
    expect(stage.session.messageIds.get().length).toBeGreaterThan(50);
    await expect(stage.session.loadOlder()).resolves.toBe(false);
    await stage.pass();
    expect(stage.shown?.truncated).toBe(false);
    expect(stage.session.messageIds.get()).toEqual(spoken);
    expect(stage.session.message("m0").get()).toMatchObject({ role: "user", text: "m0" });
    const calls = stage.server.received.length;
    await expect(stage.session.loadOlder()).resolves.toBe(false);
    expect(stage.server.received).toHaveLength(calls);
  });

  it("are asked for once while they are on their way", async () => {
    await stage.watch();
    const first = stage.session.loadOlder();
    expect(stage.session.loadOlder()).toBe(first);
    await first;
    expect(stage.server.received.filter((type) => type === "message-list")).toHaveLength(1);
  });

  it("stay when a snapshot joins up with them", async () => {
    await stage.watch();
    await stage.session.loadOlder();
    await stage.pass();
    const before = stage.session.messageIds.get();
    stage.server.sendRaw(
      `{"v":1,"type":"run-started","sessionId":"s1","seq":${stage.server.logOf("s1").length + 1},"at":"","data":{}}`,
    );
    await stage.pass();
    expect(stage.server.attaches).toEqual([null, null]);
    expect(stage.session.messageIds.get()).toEqual(before);
    expect(stage.session.message(before[0] ?? "").get()).toBeDefined();
  });

  it("reject with the server's error", async () => {
    await stage.watch();
    stage.server.refuse = () => ({ code: "unavailable", retryable: true });
    await expect(stage.session.loadOlder()).rejects.toMatchObject({ code: "unavailable" });
    stage.server.refuse = () => null;
    await expect(stage.session.loadOlder()).resolves.toBe(true);
  });

  it("may be there while nothing is known yet", async () => {
    await expect(stage.session.loadOlder()).resolves.toBe(true);
  });
});
