import { describe, expect, it } from "vitest";
import { parseAuthenticate } from "./authenticate.ts";

const frame = { v: 1, id: "a1", type: "authenticate", data: { token: "made-up" } };

describe("parseAuthenticate", () => {
  it("takes the frame as the protocol shows it", () => {
    expect(parseAuthenticate(frame)).toEqual({ ok: true, id: "a1", token: "made-up" });
  });

  it.each([
    ["another type", { ...frame, type: "ping" }],
    ["another version", { ...frame, v: 2 }],
    ["a field too many", { ...frame, sessionId: "s1" }],
    ["more than a token", { ...frame, data: { token: "made-up", user: "owner" } }],
    ["an empty token", { ...frame, data: { token: "" } }],
    ["an endless token", { ...frame, data: { token: "x".repeat(201) } }],
    ["no data", { ...frame, data: undefined }],
  ])("refuses %s, and knows to whom to say so", (_what, value) => {
    expect(parseAuthenticate(value)).toEqual({ ok: false, id: "a1" });
  });

  it.each([null, undefined, 7, "authenticate", [], { ...frame, id: 7 }, { ...frame, id: "x".repeat(201) }])(
    "answers to nobody when it is given %j",
    (value) => {
      expect(parseAuthenticate(value)).toEqual({ ok: false, id: null });
    },
  );
});
