import { expect, it } from "vitest";
import { monotonicNow, sentTimes, stamp, stampLength } from "./stamps.ts";

it("the tokens of a piece tell when they were sent", () => {
  const now = monotonicNow();
  const piece = [stamp(10, now), stamp(11, now + 5), stamp(12, now + 16_667)].join("");
  expect(piece).toHaveLength(3 * stampLength);
  expect(piece.indexOf("\n")).toBe(2 * stampLength - 1);
  expect(sentTimes(piece)).toEqual([now, now + 5, now + 16_667]);
});

it("half a token is an error", () => {
  expect(() => sentTimes(stamp(0, monotonicNow()).slice(1))).toThrow("10 characters");
});
