import { describe, expect, it } from "vitest";
import { parseRoute, routeHash } from "./route.ts";

describe("the address of the page", () => {
  it("gives back what was put in", () => {
    for (const [session, message] of [
      ["s1", undefined],
      ["a/b #c", "m/1"],
      ["ünïcode", "x"],
    ] as const) {
      expect(parseRoute(routeHash(session, message))).toEqual({ sessionId: session, messageId: message ?? null });
    }
  });

  it.each(["", "#", "#/", "#/s", "#/s/", "#/x/1", "#s/1"])("is the start for %j", (hash) => {
    expect(parseRoute(hash)).toEqual({ sessionId: null, messageId: null });
  });

  it("survives broken escapes", () => {
    expect(parseRoute("#/s/%E0%A4%A").sessionId).toBe("%E0%A4%A");
  });
});
