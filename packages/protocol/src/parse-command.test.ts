import { describe, expect, it } from "vitest";
import { commands } from "./command.ts";
import { parseCommand } from "./parse-command.ts";

function frame(type: string, data?: unknown): unknown {
  return { v: 1, id: "c1", type, sessionId: "s1", ...(data === undefined ? {} : { data }) };
}

function refusal(value: unknown): { readonly id: string | null; readonly message: string } {
  const parsed = parseCommand(value);
  if (parsed.ok) throw new Error(`expected a refusal, got ${parsed.command.type}`);
  return { id: parsed.id, message: parsed.message };
}

function nested(levels: number): unknown {
  return JSON.parse(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);
}

describe("parseCommand", () => {
  it("takes a command as the protocol shows it", () => {
    const parsed = parseCommand(frame("message-send", { text: "hello", whenBusy: "enqueue" }));
    const command = { v: 1, id: "c1", type: "message-send", sessionId: "s1", data: { text: "hello", whenBusy: "enqueue" } };
    expect(parsed).toEqual({ ok: true, command });
  });

  it("takes missing data as empty where nothing is needed", () => {
    expect(parseCommand({ v: 1, id: "c1", type: "ping" })).toEqual({
      ok: true,
      command: { v: 1, id: "c1", type: "ping", data: {} },
    });
  });

  it("refuses an unknown type by its name", () => {
    expect(refusal(frame("rm-rf"))).toEqual({ id: "c1", message: 'Unknown command type "rm-rf".' });
  });

  it("says of a sign-in that comes too late why it is none", () => {
    expect(refusal(frame("authenticate", { token: "made-up" })).message).toContain("signed in already");
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("does not take %s for a type", (type) => {
    expect(refusal(frame(type)).message).toContain("Unknown command type");
  });

  it("refuses an unknown field by its name", () => {
    expect(refusal(frame("message-send", { text: "hello", colour: "red" })).message).toContain('"colour"');
    expect(refusal({ v: 1, id: "c1", type: "ping", extra: 1 }).message).toContain('"extra"');
  });

  it.each<[frame: unknown, message: string]>([
    [null, "A command must be an object, not null."],
    [[], "A command must be an object, not an array."],
    ["text", "A command must be an object, not a string."],
    [{ v: 2, id: "c1", type: "ping" }, "v: it must be 1."],
    [{ v: 1, type: "ping" }, "id: it is missing."],
    [{ v: 1, id: "", type: "ping" }, "id: it must not be empty."],
    [{ v: 1, id: "x".repeat(201), type: "ping" }, "id: it must have at most 200 characters."],
    [{ v: 1, id: "c1", type: "ping", user: "root", role: "owner" }, 'There are no fields "user", "role" in a command.'],
    [frame("session-create", { owner: "me" }), 'There is no field "owner" in session-create.'],
    [frame("session-create", { mode: "yolo" }), "mode: it must be one of plan, ask, workspace, headless."],
    [frame("message-send", {}), "text: it is missing."],
    [frame("message-send", { text: 7 }), "text: it must be a string, not a number."],
    [frame("message-send", { text: "" }), "text: it must not be empty."],
    [frame("message-send", { text: "x", attachments: [{ type: "file" }] }), "attachments.0.path: it is missing."],
    [
      frame("message-send", { text: "x", attachments: [{ type: "file", path: "a", mode: 1 }] }),
      'There is no field "mode" in attachments.0.',
    ],
    [frame("session-attach", { from: -1 }), "from: it must be at least 0."],
    [frame("session-attach", { from: 0.5 }), "from: it must be a whole number."],
    [
      frame("session-list", { limit: 1e9, cursor: 5 }),
      "cursor: it must be a string, not a number. limit: it must be at most 200.",
    ],
  ])("says what is wrong with %j", (value, message) => {
    expect(parseCommand(value)).toMatchObject({ ok: false, message });
  });

  it.each(Object.keys(commands))("refuses an unknown field of %s", (type) => {
    expect(refusal(frame(type, { surelyUnknown: 1 }))).toMatchObject({ id: "c1" });
  });

  it("names the field that is wrong", () => {
    expect(refusal(frame("message-send", { text: 7 })).message).toMatch(/^text: /);
    expect(refusal(frame("run-cancel", {})).message).toMatch(/^runId: /);
  });

  it.each([
    null,
    undefined,
    7,
    "text",
    [],
    [1],
    {},
    { v: 2, id: "c1", type: "ping" },
    { v: 1, type: "ping" },
    { v: 1, id: "", type: "ping" },
  ])("refuses %j", (value) => {
    expect(parseCommand(value).ok).toBe(false);
  });

  it("answers to the id of a command it refuses, unless the id itself is none", () => {
    expect(refusal({ v: 9, id: "c7", type: "ping" }).id).toBe("c7");
    expect(refusal({ v: 1, id: 7, type: "ping" }).id).toBeNull();
    expect(refusal({ v: 1, id: "x".repeat(201), type: "ping" }).id).toBeNull();
  });

  it("never sends back at full length what it was sent", () => {
    const huge = "x".repeat(900_000);
    expect(refusal(frame(huge)).message.length).toBeLessThan(700);
    expect(refusal(frame("ping", { [huge]: 1 })).message.length).toBeLessThan(700);
    expect(refusal(frame("message-send", { text: huge })).message.length).toBeLessThan(700);
  });

  it("takes text up to 512 KiB", () => {
    expect(parseCommand(frame("message-send", { text: "x".repeat(512 * 1024) })).ok).toBe(true);
    expect(refusal(frame("message-send", { text: "x".repeat(512 * 1024 + 1) })).message).toBe(
      "text: it must have at most 524288 characters.",
    );
  });

  it("refuses what nests deeper than 64 levels, however deep, without running out of stack", () => {
    expect(parseCommand(frame("user-set", { metadata: nested(60) })).ok).toBe(true);
    expect(refusal(frame("user-set", { metadata: nested(65) })).message).toContain("64 levels");
    expect(refusal(frame("user-set", { metadata: nested(100_000) })).message).toContain("64 levels");
  });

  it("lets no prototype in through field names", () => {
    const data: unknown = JSON.parse('{"metadata":{"__proto__":{"admin":true},"a":{"__proto__":{"admin":true}}}}');
    const parsed = parseCommand(frame("user-set", data));
    expect(parsed.ok).toBe(true);
    expect("admin" in {}).toBe(false);
    if (parsed.ok && parsed.command.type === "user-set") expect("admin" in parsed.command.data.metadata).toBe(false);
    expect(refusal(JSON.parse('{"v":1,"id":"c1","type":"ping","__proto__":{"sessionId":"s2"}}')).id).toBe("c1");
  });
});
