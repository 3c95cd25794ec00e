import type { OrquestraEvent } from "@orquestra/protocol";
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

describe("what gets lost on the way", () => {
  it("is asked for again when an event is missing, once", async () => {
    await stage.watch();
    stage.begin();
    await stage.pass();
    stage.server.fate = () => "dropped";
    stage.addTodo("t1");
    stage.server.fate = () => "kept";
    stage.addTodo("t2");
    stage.addTodo("t3");
    await stage.pass();
    expect(stage.server.attaches).toEqual([null, 4]);
    expect(stage.shown).toEqual(stage.server.stateOf("s1"));
  });

  it("changes nothing when it comes twice", async () => {
    await stage.watch();
    const seen: number[] = [];
    stage.session.events(({ seq }) => seen.push(seq));
    stage.server.fate = () => "doubled";
    stage.begin();
    stage.server.write("s1", "p1", "abc");
    await stage.pass();
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(stage.session.part("p1").get()?.text).toBe("abc");
    expect(stage.server.attaches).toEqual([null]);
  });

  it("is asked for when it is text, at most once a second", async () => {
    await stage.watch();
    stage.begin();
    stage.server.fate = () => "dropped";
    stage.server.write("s1", "p1", "abc");
    stage.server.fate = () => "kept";
    stage.server.write("s1", "p1", "def");
    stage.server.write("s1", "p1", "ghi");
    await stage.pass();
    expect(stage.session.part("p1").get()?.text).toBe("abcdefghi");
    expect(stage.server.attaches).toEqual([null, 4]);
    stage.server.fate = ({ type }) => (type === "delta" ? "dropped" : "kept");
    stage.server.write("s1", "p1", "j");
    stage.server.fate = () => "kept";
    stage.server.write("s1", "p1", "k");
    await stage.pass(999);
    expect(stage.server.attaches).toEqual([null, 4]);
    await stage.pass(1);
    stage.server.write("s1", "p1", "l");
    await stage.pass();
    expect(stage.server.attaches).toEqual([null, 4, 4]);
    expect(stage.session.part("p1").get()?.text).toBe("abcdefghijkl");
  });

  it("is not asked for when text comes late for a part that is closed", async () => {
    await stage.watch();
    stage.begin();
    stage.event("part-closed", { partId: "p1", text: "abc" });
    stage.event("run-cancelled", {});
    await stage.pass();
    stage.server.broadcast("s1", { v: 1, type: "delta", sessionId: "s1", partId: "p1", offset: 9, text: "late" });
    await stage.pass();
    expect(stage.server.attaches).toEqual([null]);
  });

  it("does not matter for events of a type this client does not know", async () => {
    await stage.watch();
    stage.server.sendRaw('{"v":1,"type":"run-dreamt","sessionId":"s1","seq":1,"at":"","data":{}}');
    const frame: OrquestraEvent = { v: 1, type: "session-updated", sessionId: "s1", seq: 2, at: "", data: { title: "After" } };
    stage.server.broadcast("s1", frame);
    await stage.pass();
    expect(stage.shown).toMatchObject({ seq: 2, title: "After" });
    expect(stage.server.attaches).toEqual([null]);
  });

  it("brings a snapshot when an event cannot be read, and leaves it out when it comes again", async () => {
    await stage.watch();
    stage.begin();
    await stage.pass();
    stage.server.sendRaw('{"v":1,"type":"run-started","sessionId":"s1","seq":5,"at":"","data":{"model":7}}');
    await stage.pass();
    expect(stage.server.attaches).toEqual([null, null]);
    stage.server.sendRaw('{"v":1,"type":"run-started","sessionId":"s1","seq":5,"at":"","data":{"model":7}}');
    await stage.pass();
    expect(stage.server.attaches).toEqual([null, null]);
    expect(stage.shown?.seq).toBe(5);
  });

  it("brings a snapshot when the server's log is shorter than what we know", async () => {
    stage.begin();
    await stage.watch();
    stage.server.logOf("s1").splice(2);
    await stage.cut();
    expect(stage.server.attaches).toEqual([null, 4, null]);
    expect(stage.shown).toEqual(stage.server.stateOf("s1"));
  });
});
