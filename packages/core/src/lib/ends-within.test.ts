import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { endsWithin } from "./ends-within.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("work that is waited for", () => {
  it("has ended in time, or rejects as it does", async () => {
    expect(await endsWithin(Promise.resolve("done"), 1000)).toBe(true);
    await expect(endsWithin(Promise.reject(new Error("broken")), 1000)).rejects.toThrow("broken");
  });

  it("is not waited for any longer, and may break afterwards without anybody being told", async () => {
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise<void>((_, reject) => (fail = reject));
    const ended = endsWithin(work, 1000);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await ended).toBe(false);
    fail(new Error("too late to matter"));
    await vi.advanceTimersByTimeAsync(0);
  });
});
