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

describe("readers", () => {
  it("are told once per flush, of what changed only", async () => {
    stage.begin();
    stage.ask("m2", "r2");
    stage.addTodo("t1");
    stage.addTodo("t2");
    await stage.watch();
    const told: string[] = [];
    const on = (name: string, readable: { subscribe(listener: () => void): () => void }): void => {
      readable.subscribe(() => told.push(name));
    };
    on("state", stage.session.state);
    on("status", stage.session.status);
    on("ids", stage.session.messageIds);
    on("m1", stage.session.message("m1"));
    on("a1", stage.session.message("a1"));
    on("r1", stage.session.run("r1"));
    on("r2", stage.session.run("r2"));
    on("t1", stage.session.todo("r1", "t1"));
    on("t2", stage.session.todo("r1", "t2"));
    on("p1", stage.session.part("p1"));
    const flush = (): string[] => {
      stage.screen.flush();
      return told.splice(0).toSorted();
    };

    for (const text of ["a", "b", "c"]) stage.server.write("s1", "p1", text);
    expect(stage.screen.waiting).toBe(1);
    expect(flush()).toEqual(["p1", "r1", "state"]);
    stage.event("todo-started", { todoId: "t1", attempt: 1 });
    expect(flush()).toEqual(["r1", "state", "t1"]);
    stage.event("part-closed", { partId: "p1", text: "abc" });
    expect(flush()).toEqual(["a1", "p1", "r1", "state"]);
    stage.event("message-completed", { messageId: "a1", text: "abc" });
    expect(flush()).toEqual(["state"]);
    stage.ask("m3", "r3");
    expect(flush()).toEqual(["ids", "state"]);
    stage.event("tools-changed", { added: [], removed: [] });
    expect(flush()).toEqual(["state"]);
  });

  it("get the same reference until it changes, and the old one until the flush", async () => {
    stage.begin();
    stage.addTodo("t1");
    await stage.watch();
    const before = [
      stage.session.state,
      stage.session.messageIds,
      stage.session.message("m1"),
      stage.session.run("r1"),
      stage.session.part("p1"),
    ].map((readable) => readable.get());
    stage.server.write("s1", "p1", "abc");
    expect(stage.session.part("p1").get()).toBe(before[4]);
    expect(stage.session.state.get()).toBe(before[0]);
    stage.screen.flush();
    expect(stage.session.part("p1").get()?.text).toBe("abc");
    expect(stage.session.message("m1").get()).toBe(before[2]);
    expect(stage.session.messageIds.get()).toBe(before[1]);
    expect(stage.session.todo("r1", "t1").get()).toBe(stage.session.todo("r1", "t1").get());
    expect(stage.session.message("m1")).toBe(stage.session.message("m1"));
  });

  it("are told no more after they left, also when they left during the telling", async () => {
    stage.begin();
    await stage.watch();
    const told: string[] = [];
    const leave = [
      stage.session.part("p1").subscribe(() => {
        told.push("first");
        for (const unsubscribe of leave) unsubscribe();
      }),
      stage.session.run("r1").subscribe(() => told.push("run")),
    ];
    stage.server.write("s1", "p1", "a");
    stage.screen.flush();
    stage.server.write("s1", "p1", "b");
    stage.screen.flush();
    expect(told.filter((name) => name === "first")).toHaveLength(1);
    expect(told.filter((name) => name === "run").length).toBeLessThanOrEqual(1);
  });

  it("are all told, even when one of them throws", async () => {
    stage.begin();
    await stage.watch();
    const told = vi.fn<() => void>();
    stage.session.part("p1").subscribe(() => {
      throw new Error("a broken reader");
    });
    stage.session.part("p1").subscribe(told);
    stage.server.write("s1", "p1", "a");
    expect(() => stage.screen.flush()).toThrow("a broken reader");
    expect(told).toHaveBeenCalledOnce();
  });

  it("see the progress of a todo until it ends, with or without the run's id in the frame", async () => {
    stage.begin();
    stage.addTodo("t1");
    await stage.watch();
    const progress = stage.session.progress("r1", "t1");
    const told = vi.fn<() => void>();
    progress.subscribe(told);
    stage.server.broadcast("s1", { v: 1, type: "progress", sessionId: "s1", runId: "r1", todoId: "t1", data: { percent: 10 } });
    await stage.pass();
    expect(progress.get()).toEqual({ percent: 10 });
    stage.server.broadcast("s1", { v: 1, type: "progress", sessionId: "s1", todoId: "t1", data: { percent: 20 } });
    await stage.pass();
    expect(progress.get()).toEqual({ percent: 20 });
    stage.event("todo-completed", { todoId: "t1", preview: null, ms: 1 });
    await stage.pass();
    expect(progress.get()).toBeUndefined();
    expect(told).toHaveBeenCalledTimes(3);
  });

  it("of events see each one once and in order, over a reconnect", async () => {
    const seen: number[] = [];
    stage.session.events(({ seq }) => seen.push(seq));
    await stage.pass();
    stage.begin();
    stage.server.closeAll(1006);
    await stage.pass();
    stage.addTodo("t1");
    stage.client.reconnect();
    await stage.pass();
    stage.addTodo("t2");
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("of messages find one by one what a flush of many events changed, also of a run that ended in it", async () => {
    stage.begin();
    await stage.watch();
    const told = vi.fn<() => void>();
    stage.session.message("a1").subscribe(told);
    stage.event("part-closed", { partId: "p1", text: "Half", cut: true });
    stage.event("run-cancelled", {});
    await stage.pass();
    expect(stage.session.message("a1").get()?.text).toBe("Half");
    expect(stage.session.part("p1").get()).toMatchObject({ status: "closed", text: "Half" });
    expect(told).toHaveBeenCalledOnce();
  });

  it("see a message go that was taken back", async () => {
    stage.begin();
    stage.ask("m2", "r2");
    await stage.watch();
    stage.event("message-removed", { messageId: "m2" }, "r2");
    await stage.pass();
    expect(stage.session.message("m2").get()).toBeUndefined();
    expect(stage.session.run("r2").get()).toBeUndefined();
    expect(stage.session.messageIds.get()).toEqual(["m1", "a1"]);
  });
});

describe("a long thread", () => {
  const older = 10_000;

  it("tells O(1) listeners of a delta, with 10,000 messages on screen", async () => {
    for (let index = 0; index < older; index += 1)
      stage.event("message-completed", { messageId: `old${index}`, text: "answer" }, `old${index}`);
    stage.begin();
    stage.server.snapshotMessages = Number.POSITIVE_INFINITY;
    await stage.watch();
    let calls = 0;
    const count = (): void => {
      calls += 1;
    };
    for (const messageId of stage.session.messageIds.get()) stage.session.message(messageId).subscribe(count);
    for (const readable of [stage.session.messageIds, stage.session.run("r1"), stage.session.part("p1")])
      readable.subscribe(count);
    expect(stage.session.messageIds.get()).toHaveLength(older + 2);

    stage.server.write("s1", "p1", "a");
    stage.screen.flush();
    expect(calls).toBe(2);
    stage.addTodo("t1");
    stage.screen.flush();
    expect(calls).toBe(3);
  });
});
