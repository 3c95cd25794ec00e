import type { EventData, EventType, NewEvent, OrquestraEvent, SessionState } from "@orquestra/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type OrquestraClient, createClient } from "./create-client.ts";
import type { SessionStore } from "./session-store.ts";
import { Link } from "./testing/link.ts";
import { ManualSchedule } from "./testing/settle.ts";
import { WireServer } from "./testing/wire-server.ts";

let server: WireServer;
let link: Link;
let screen: ManualSchedule;
let client: OrquestraClient;
let session: SessionStore;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  server = new WireServer();
  link = new Link(server);
  screen = new ManualSchedule();
  client = createClient({ connect: link.connect, schedule: screen.schedule });
  session = client.session("s1");
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

async function pass(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  screen.flush();
}

function event<T extends EventType>(type: T, data: EventData<T>, runId = "r1"): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- type and data belong together by the signature
  server.publish("s1", { type, runId, data } as NewEvent);
}

function ask(messageId: string, runId: string): void {
  event("message-received", { messageId, text: messageId }, runId);
  event("run-queued", { messageId }, runId);
}

/** Run r1 at work on message m1, with part p1 of answer a1 open. */
function begin(): void {
  ask("m1", "r1");
  event("run-started", { model: "demo" });
  event("part-opened", { partId: "p1", messageId: "a1", turn: 1, kind: "text" });
}

function addTodo(id: string): void {
  const control = { integrity: "user", confidentiality: "public" } as const;
  const todo = { id, tool: "shell", title: "test", args: {}, dependsOn: [], effects: [], control, turn: 1 };
  event("todo-added", { todo: { ...todo, status: "pending" } });
}

async function cut(): Promise<void> {
  server.closeAll(1006);
  await pass();
  client.reconnect();
  await pass();
}

/** A session on screen. */
async function watch(): Promise<void> {
  session.state.subscribe(() => undefined);
  await pass();
}

function shown(): SessionState | null {
  return session.state.get();
}

describe("attaching", () => {
  it("begins when something subscribes, with a snapshot", async () => {
    begin();
    await pass();
    expect(session.status.get()).toEqual({ status: "loading" });
    expect(shown()).toBeNull();
    expect(server.attaches).toEqual([]);
    await watch();
    expect(session.status.get()).toEqual({ status: "live" });
    expect(shown()).toEqual(server.stateOf("s1"));
    expect(server.attaches).toEqual([null]);
  });

  it("happens once however many subscribe", async () => {
    session.message("m1").subscribe(() => undefined);
    session.run("r1").subscribe(() => undefined);
    session.status.subscribe(() => undefined);
    await pass();
    expect(server.attaches).toEqual([null]);
  });

  it("ends a second after the last one left, and only then", async () => {
    const release = session.retain();
    const unsubscribe = session.state.subscribe(() => undefined);
    await pass();
    release();
    release();
    await pass(5000);
    expect(server.received).toEqual(["session-attach"]);
    unsubscribe();
    await pass(999);
    expect(server.received).toEqual(["session-attach"]);
    await pass(1);
    expect(server.received).toEqual(["session-attach", "session-detach"]);
  });

  it("does not end for who leaves and comes back", async () => {
    const release = session.retain();
    await pass();
    release();
    await pass(500);
    session.retain();
    await pass(5000);
    expect(server.received).toEqual(["session-attach"]);
  });

  it("goes on from the last event when somebody comes back", async () => {
    const release = session.retain();
    begin();
    await pass();
    release();
    await pass(2000);
    addTodo("t1");
    await watch();
    expect(server.attaches).toEqual([null, 4]);
    expect(shown()).toEqual(server.stateOf("s1"));
  });

  it("goes on from the last event after a reconnect, with the text that was written meanwhile", async () => {
    begin();
    server.write("s1", "p1", "abc");
    await watch();
    server.closeAll(1006);
    await pass();
    server.write("s1", "p1", "def");
    addTodo("t1");
    client.reconnect();
    await pass();
    expect(server.attaches).toEqual([null, 4]);
    expect(session.part("p1").get()?.text).toBe("abcdef");
    expect(shown()?.activeRuns["r1"]?.todos).toHaveLength(1);
  });

  it("asks again a second later when the server could not just now", async () => {
    server.refuse = ({ type }) => (type === "session-attach" ? { code: "unavailable", retryable: true } : null);
    await watch();
    expect(session.status.get()).toEqual({ status: "loading" });
    server.refuse = () => null;
    await pass(999);
    expect(session.status.get()).toEqual({ status: "loading" });
    await pass(1);
    expect(session.status.get()).toEqual({ status: "live" });
    expect(server.received).toEqual(["session-attach", "session-attach"]);
  });

  it("says so when there is no such session, and does not ask again and again", async () => {
    server.refuse = () => ({ code: "not_found", retryable: false });
    await watch();
    session.run("r1").subscribe(() => undefined);
    await pass(60_000);
    expect(session.status.get()).toMatchObject({ status: "missing", error: { code: "not_found" } });
    expect(server.received.filter((type) => type === "session-attach")).toHaveLength(1);
  });

  it("gives the same store for the same id", () => {
    expect(client.session("s1")).toBe(session);
    expect(client.session("s2")).not.toBe(session);
  });
});

describe("what gets lost on the way", () => {
  it("is asked for again when an event is missing, once", async () => {
    await watch();
    begin();
    await pass();
    server.fate = () => "dropped";
    addTodo("t1");
    server.fate = () => "kept";
    addTodo("t2");
    addTodo("t3");
    await pass();
    expect(server.attaches).toEqual([null, 4]);
    expect(shown()).toEqual(server.stateOf("s1"));
  });

  it("changes nothing when it comes twice", async () => {
    await watch();
    const seen: number[] = [];
    session.events(({ seq }) => seen.push(seq));
    server.fate = () => "doubled";
    begin();
    server.write("s1", "p1", "abc");
    await pass();
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(session.part("p1").get()?.text).toBe("abc");
    expect(server.attaches).toEqual([null]);
  });

  it("is asked for when it is text, at most once a second", async () => {
    await watch();
    begin();
    server.fate = () => "dropped";
    server.write("s1", "p1", "abc");
    server.fate = () => "kept";
    server.write("s1", "p1", "def");
    server.write("s1", "p1", "ghi");
    await pass();
    expect(session.part("p1").get()?.text).toBe("abcdefghi");
    expect(server.attaches).toEqual([null, 4]);
    server.fate = ({ type }) => (type === "delta" ? "dropped" : "kept");
    server.write("s1", "p1", "j");
    server.fate = () => "kept";
    server.write("s1", "p1", "k");
    await pass(999);
    expect(server.attaches).toEqual([null, 4]);
    await pass(1);
    server.write("s1", "p1", "l");
    await pass();
    expect(server.attaches).toEqual([null, 4, 4]);
    expect(session.part("p1").get()?.text).toBe("abcdefghijkl");
  });

  it("is not asked for when text comes late for a part that is closed", async () => {
    await watch();
    begin();
    event("part-closed", { partId: "p1", text: "abc" });
    event("run-cancelled", {});
    await pass();
    server.broadcast("s1", { v: 1, type: "delta", sessionId: "s1", partId: "p1", offset: 9, text: "late" });
    await pass();
    expect(server.attaches).toEqual([null]);
  });

  it("does not matter for events of a type this client does not know", async () => {
    await watch();
    server.sendRaw('{"v":1,"type":"run-dreamt","sessionId":"s1","seq":1,"at":"","data":{}}');
    const frame: OrquestraEvent = { v: 1, type: "session-updated", sessionId: "s1", seq: 2, at: "", data: { title: "After" } };
    server.broadcast("s1", frame);
    await pass();
    expect(shown()).toMatchObject({ seq: 2, title: "After" });
    expect(server.attaches).toEqual([null]);
  });

  it("brings a snapshot when an event cannot be read, and leaves it out when it comes again", async () => {
    await watch();
    begin();
    await pass();
    server.sendRaw('{"v":1,"type":"run-started","sessionId":"s1","seq":5,"at":"","data":{"model":7}}');
    await pass();
    expect(server.attaches).toEqual([null, null]);
    server.sendRaw('{"v":1,"type":"run-started","sessionId":"s1","seq":5,"at":"","data":{"model":7}}');
    await pass();
    expect(server.attaches).toEqual([null, null]);
    expect(shown()?.seq).toBe(5);
  });

  it("brings a snapshot when the server's log is shorter than what we know", async () => {
    begin();
    await watch();
    server.logOf("s1").splice(2);
    await cut();
    expect(server.attaches).toEqual([null, 4, null]);
    expect(shown()).toEqual(server.stateOf("s1"));
  });
});

describe("readers", () => {
  it("are told once per flush, of what changed only", async () => {
    begin();
    ask("m2", "r2");
    addTodo("t1");
    addTodo("t2");
    await watch();
    const told: string[] = [];
    const on = (name: string, readable: { subscribe(listener: () => void): () => void }): void => {
      readable.subscribe(() => told.push(name));
    };
    on("state", session.state);
    on("status", session.status);
    on("ids", session.messageIds);
    on("m1", session.message("m1"));
    on("a1", session.message("a1"));
    on("r1", session.run("r1"));
    on("r2", session.run("r2"));
    on("t1", session.todo("r1", "t1"));
    on("t2", session.todo("r1", "t2"));
    on("p1", session.part("p1"));
    const flush = (): string[] => {
      screen.flush();
      return told.splice(0).toSorted();
    };

    for (const text of ["a", "b", "c"]) server.write("s1", "p1", text);
    expect(screen.waiting).toBe(1);
    expect(flush()).toEqual(["p1", "r1", "state"]);
    event("todo-started", { todoId: "t1", attempt: 1 });
    expect(flush()).toEqual(["r1", "state", "t1"]);
    event("part-closed", { partId: "p1", text: "abc" });
    expect(flush()).toEqual(["a1", "p1", "r1", "state"]);
    event("message-completed", { messageId: "a1", text: "abc" });
    expect(flush()).toEqual(["state"]);
    ask("m3", "r3");
    expect(flush()).toEqual(["ids", "state"]);
    event("tools-changed", { added: [], removed: [] });
    expect(flush()).toEqual(["state"]);
  });

  it("get the same reference until it changes, and the old one until the flush", async () => {
    begin();
    addTodo("t1");
    await watch();
    const before = [session.state, session.messageIds, session.message("m1"), session.run("r1"), session.part("p1")].map(
      (readable) => readable.get(),
    );
    server.write("s1", "p1", "abc");
    expect(session.part("p1").get()).toBe(before[4]);
    expect(session.state.get()).toBe(before[0]);
    screen.flush();
    expect(session.part("p1").get()?.text).toBe("abc");
    expect(session.message("m1").get()).toBe(before[2]);
    expect(session.messageIds.get()).toBe(before[1]);
    expect(session.todo("r1", "t1").get()).toBe(session.todo("r1", "t1").get());
    expect(session.message("m1")).toBe(session.message("m1"));
  });

  it("are told no more after they left, also when they left during the telling", async () => {
    begin();
    await watch();
    const told: string[] = [];
    const leave = [
      session.part("p1").subscribe(() => {
        told.push("first");
        for (const unsubscribe of leave) unsubscribe();
      }),
      session.run("r1").subscribe(() => told.push("run")),
    ];
    server.write("s1", "p1", "a");
    screen.flush();
    server.write("s1", "p1", "b");
    screen.flush();
    expect(told.filter((name) => name === "first")).toHaveLength(1);
    expect(told.filter((name) => name === "run").length).toBeLessThanOrEqual(1);
  });

  it("are all told, even when one of them throws", async () => {
    begin();
    await watch();
    const told = vi.fn<() => void>();
    session.part("p1").subscribe(() => {
      throw new Error("a broken reader");
    });
    session.part("p1").subscribe(told);
    server.write("s1", "p1", "a");
    expect(() => screen.flush()).toThrow("a broken reader");
    expect(told).toHaveBeenCalledOnce();
  });

  it("see the progress of a todo until it ends, with or without the run's id in the frame", async () => {
    begin();
    addTodo("t1");
    await watch();
    const progress = session.progress("r1", "t1");
    const told = vi.fn<() => void>();
    progress.subscribe(told);
    server.broadcast("s1", { v: 1, type: "progress", sessionId: "s1", runId: "r1", todoId: "t1", data: { percent: 10 } });
    await pass();
    expect(progress.get()).toEqual({ percent: 10 });
    server.broadcast("s1", { v: 1, type: "progress", sessionId: "s1", todoId: "t1", data: { percent: 20 } });
    await pass();
    expect(progress.get()).toEqual({ percent: 20 });
    event("todo-completed", { todoId: "t1", preview: null, ms: 1 });
    await pass();
    expect(progress.get()).toBeUndefined();
    expect(told).toHaveBeenCalledTimes(3);
  });

  it("of events see each one once and in order, over a reconnect", async () => {
    const seen: number[] = [];
    session.events(({ seq }) => seen.push(seq));
    await pass();
    begin();
    server.closeAll(1006);
    await pass();
    addTodo("t1");
    client.reconnect();
    await pass();
    addTodo("t2");
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("of messages find one by one what a flush of many events changed, also of a run that ended in it", async () => {
    begin();
    await watch();
    const told = vi.fn<() => void>();
    session.message("a1").subscribe(told);
    event("part-closed", { partId: "p1", text: "Half", cut: true });
    event("run-cancelled", {});
    await pass();
    expect(session.message("a1").get()?.text).toBe("Half");
    expect(session.part("p1").get()).toMatchObject({ status: "closed", text: "Half" });
    expect(told).toHaveBeenCalledOnce();
  });

  it("see a message go that was taken back", async () => {
    begin();
    ask("m2", "r2");
    await watch();
    event("message-removed", { messageId: "m2" }, "r2");
    await pass();
    expect(session.message("m2").get()).toBeUndefined();
    expect(session.run("r2").get()).toBeUndefined();
    expect(session.messageIds.get()).toEqual(["m1", "a1"]);
  });
});

describe("a long thread", () => {
  const older = 10_000;

  it("tells O(1) listeners of a delta, with 10,000 messages on screen", async () => {
    for (let index = 0; index < older; index += 1)
      event("message-completed", { messageId: `old${index}`, text: "answer" }, `old${index}`);
    begin();
    server.snapshotMessages = Number.POSITIVE_INFINITY;
    await watch();
    let calls = 0;
    const count = (): void => {
      calls += 1;
    };
    for (const messageId of session.messageIds.get()) session.message(messageId).subscribe(count);
    for (const readable of [session.messageIds, session.run("r1"), session.part("p1")]) readable.subscribe(count);
    expect(session.messageIds.get()).toHaveLength(older + 2);

    server.write("s1", "p1", "a");
    screen.flush();
    expect(calls).toBe(2);
    addTodo("t1");
    screen.flush();
    expect(calls).toBe(3);
  });
});

describe("older messages", () => {
  beforeEach(() => {
    server.snapshotMessages = 4;
    for (let round = 0; round < 40; round += 1) {
      ask(`m${round}`, `r${round}`);
      event("run-started", { model: "demo" }, `r${round}`);
      event("message-completed", { messageId: `a${round}`, text: round % 10 === 0 ? "" : "answer" }, `r${round}`);
      event("run-cancelled", {}, `r${round}`);
    }
  });

  /** Every tenth answer is empty: its turn only planned, and nothing of it is shown. */
  const spoken = Array.from({ length: 40 }, (_, round) => (round % 10 === 0 ? [`m${round}`] : [`m${round}`, `a${round}`])).flat();

  it("are loaded before the first, page by page, until there are no more", async () => {
    await watch();
    expect(session.messageIds.get()).toEqual(spoken.slice(-4));
    await expect(session.loadOlder()).resolves.toBe(true);
    await pass();
    expect(session.messageIds.get()).toEqual(spoken.slice(-session.messageIds.get().length));
    expect(session.messageIds.get().length).toBeGreaterThan(50);
    await expect(session.loadOlder()).resolves.toBe(false);
    await pass();
    expect(shown()?.truncated).toBe(false);
    expect(session.messageIds.get()).toEqual(spoken);
    expect(session.message("m0").get()).toMatchObject({ role: "user", text: "m0" });
    const calls = server.received.length;
    await expect(session.loadOlder()).resolves.toBe(false);
    expect(server.received).toHaveLength(calls);
  });

  it("are asked for once while they are on their way", async () => {
    await watch();
    const first = session.loadOlder();
    expect(session.loadOlder()).toBe(first);
    await first;
    expect(server.received.filter((type) => type === "message-list")).toHaveLength(1);
  });

  it("stay when a snapshot joins up with them", async () => {
    await watch();
    await session.loadOlder();
    await pass();
    const before = session.messageIds.get();
    server.sendRaw(`{"v":1,"type":"run-started","sessionId":"s1","seq":${server.logOf("s1").length + 1},"at":"","data":{}}`);
    await pass();
    expect(server.attaches).toEqual([null, null]);
    expect(session.messageIds.get()).toEqual(before);
    expect(session.message(before[0] ?? "").get()).toBeDefined();
  });

  it("reject with the server's error", async () => {
    await watch();
    server.refuse = () => ({ code: "unavailable", retryable: true });
    await expect(session.loadOlder()).rejects.toMatchObject({ code: "unavailable" });
    server.refuse = () => null;
    await expect(session.loadOlder()).resolves.toBe(true);
  });

  it("may be there while nothing is known yet", async () => {
    await expect(session.loadOlder()).resolves.toBe(true);
  });
});
