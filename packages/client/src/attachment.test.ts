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

describe("attaching", () => {
  it("begins when something subscribes, with a snapshot", async () => {
    stage.begin();
    await stage.pass();
    expect(stage.session.status.get()).toEqual({ status: "loading" });
    expect(stage.shown).toBeNull();
    expect(stage.server.attaches).toEqual([]);
    await stage.watch();
    expect(stage.session.status.get()).toEqual({ status: "live" });
    expect(stage.shown).toEqual(stage.server.stateOf("s1"));
    expect(stage.server.attaches).toEqual([null]);
  });

  it("happens once however many subscribe", async () => {
    stage.session.message("m1").subscribe(() => undefined);
    stage.session.run("r1").subscribe(() => undefined);
    stage.session.status.subscribe(() => undefined);
    await stage.pass();
    expect(stage.server.attaches).toEqual([null]);
  });

  it("ends a second after the last one left, and only then", async () => {
    const release = stage.session.retain();
    const unsubscribe = stage.session.state.subscribe(() => undefined);
    await stage.pass();
    release();
    release();
    await stage.pass(5000);
    expect(stage.server.received).toEqual(["session-attach"]);
    unsubscribe();
    await stage.pass(999);
    expect(stage.server.received).toEqual(["session-attach"]);
    await stage.pass(1);
    expect(stage.server.received).toEqual(["session-attach", "session-detach"]);
  });

  it("does not end for who leaves and comes back", async () => {
    const release = stage.session.retain();
    await stage.pass();
    release();
    await stage.pass(500);
    stage.session.retain();
    await stage.pass(5000);
    expect(stage.server.received).toEqual(["session-attach"]);
  });

  it("goes on from the last event when somebody comes back", async () => {
    const release = stage.session.retain();
    stage.begin();
    await stage.pass();
    release();
    await stage.pass(2000);
    stage.addTodo("t1");
    await stage.watch();
    expect(stage.server.attaches).toEqual([null, 4]);
    expect(stage.shown).toEqual(stage.server.stateOf("s1"));
  });

  it("goes on from the last event after a reconnect, with the text that was written meanwhile", async () => {
    stage.begin();
    stage.server.write("s1", "p1", "abc");
    await stage.watch();
    stage.server.closeAll(1006);
    await stage.pass();
    stage.server.write("s1", "p1", "def");
    stage.addTodo("t1");
    stage.client.reconnect();
    await stage.pass();
    expect(stage.server.attaches).toEqual([null, 4]);
    expect(stage.session.part("p1").get()?.text).toBe("abcdef");
    expect(stage.shown?.activeRuns["r1"]?.todos).toHaveLength(1);
  });

  it("asks again a second later when the server could not just now", async () => {
    stage.server.refuse = ({ type }) => (type === "session-attach" ? { code: "unavailable", retryable: true } : null);
    await stage.watch();
    expect(stage.session.status.get()).toEqual({ status: "loading" });
    stage.server.refuse = () => null;
    await stage.pass(999);
    expect(stage.session.status.get()).toEqual({ status: "loading" });
    await stage.pass(1);
    expect(stage.session.status.get()).toEqual({ status: "live" });
    expect(stage.server.received).toEqual(["session-attach", "session-attach"]);
  });

  it("says so when there is no such session, and does not ask again and again", async () => {
    stage.server.refuse = () => ({ code: "not_found", retryable: false });
    await stage.watch();
    stage.session.run("r1").subscribe(() => undefined);
    await stage.pass(60_000);
    expect(stage.session.status.get()).toMatchObject({ status: "missing", error: { code: "not_found" } });
    expect(stage.server.received.filter((type) => type === "session-attach")).toHaveLength(1);
  });

  it("gives the same store for the same id", () => {
    expect(stage.client.session("s1")).toBe(stage.session);
    expect(stage.client.session("s2")).not.toBe(stage.session);
  });
});
