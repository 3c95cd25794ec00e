import { describe, expect, it } from "vitest";
import { parseEvent } from "./event.ts";
import { parseServerFrame, replyOk } from "./frame.ts";

const event = {
  v: 1,
  type: "run-queued",
  sessionId: "s1",
  seq: 3,
  at: "2026-01-01T00:00:00.000Z",
  runId: "r1",
  data: { messageId: "m1" },
};

function parse(frame: unknown) {
  return parseServerFrame(JSON.stringify(frame));
}

describe("parseEvent", () => {
  it("takes an event as the log holds it", () => {
    expect(parseEvent(event)).toEqual(event);
  });

  it("drops fields it does not know, in the envelope and in the data", () => {
    expect(parseEvent({ ...event, shard: 4, data: { messageId: "m1", priority: 1 } })).toEqual(event);
  });

  it("throws for an unknown type and names it", () => {
    expect(() => parseEvent({ ...event, type: "run-dreamt" })).toThrow('"run-dreamt"');
  });

  it.each(["__proto__", "constructor", "toString"])("does not take %s for a type", (type) => {
    expect(() => parseEvent({ ...event, type })).toThrow("unknown event type");
  });

  it.each([
    { ...event, seq: 0 },
    { ...event, seq: 1.5 },
    { ...event, data: {} },
    { ...event, data: undefined },
    { ...event, sessionId: 7 },
    { ...event, v: 2 },
    null,
    "run-queued",
    [],
  ])("throws for the malformed event %#", (value) => {
    expect(() => parseEvent(value)).toThrow();
  });
});

describe("parseServerFrame", () => {
  it.each([
    { v: 1, type: "hello", data: { protocol: "orquestra.v1", server: "0.1.0", nodeId: "n1" } },
    { v: 1, type: "reply", re: "c1", ok: true, data: { seq: 3 } },
    { v: 1, type: "reply", re: null, ok: false, error: { code: "bad_request", message: "No.", retryable: false } },
    { v: 1, type: "delta", sessionId: "s1", partId: "p1", offset: 120, text: "…" },
    { v: 1, type: "progress", sessionId: "s1", runId: "r1", todoId: "t2", data: { percent: 40 } },
    event,
  ])("takes frame %#", (frame) => {
    expect(parse(frame)).toEqual(frame);
  });

  it("takes the replies it makes itself", () => {
    expect(parse(replyOk("c1", { items: [] }))).toEqual(replyOk("c1", { items: [] }));
  });

  it("keeps the number of an event of unknown type, so that no gap seems to be there", () => {
    expect(parse({ ...event, type: "run-dreamt" })).toEqual({ v: 1, type: "unknown", sessionId: "s1", seq: 3 });
  });

  it("gives null for a frame of unknown type that is no event", () => {
    expect(parse({ v: 1, type: "applause", sessionId: "s1" })).toBeNull();
    expect(parse({ v: 1, type: "applause", sessionId: "s1", seq: "3" })).toBeNull();
    expect(parse({ v: 1, type: "constructor" })).toBeNull();
  });

  it("drops fields it does not know", () => {
    const delta = { v: 1, type: "delta", sessionId: "s1", partId: "p1", offset: 0, text: "a" };
    expect(parse({ ...delta, checksum: "x" })).toEqual(delta);
  });

  it("throws for a refusal whose code is none of the ten", () => {
    const error = { code: "teapot", message: "No.", retryable: false };
    expect(() => parse({ v: 1, type: "reply", re: "c1", ok: false, error })).toThrow();
  });

  it.each(["", "{", "null", "[]", "7", '{"v":1}', '{"type":7}', '{"v":1,"type":"delta","offset":-1}'])(
    "throws for %j",
    (text) => {
      expect(() => parseServerFrame(text)).toThrow();
    },
  );

  it("takes text of any length and values of any depth, because the server is trusted with its own limits", () => {
    const text = "x".repeat(2_000_000);
    expect(parse({ v: 1, type: "delta", sessionId: "s1", partId: "p1", offset: 0, text })).toMatchObject({ text });
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const progress = parseServerFrame(`{"v":1,"type":"progress","sessionId":"s1","todoId":"t1","data":${deep}}`);
    expect(progress).toMatchObject({ type: "progress", todoId: "t1" });
  });

  it("lets no prototype in through field names", () => {
    const frame = parseServerFrame(
      '{"v":1,"type":"delta","sessionId":"s1","partId":"p1","offset":0,"text":"a","__proto__":{"admin":true}}',
    );
    expect(frame).not.toHaveProperty("admin");
    expect("admin" in {}).toBe(false);
  });
});
