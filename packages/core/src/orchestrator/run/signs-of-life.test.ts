import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SignsOfLife } from "./signs-of-life.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

function watched(silentAfterMs?: number) {
  const told: unknown[] = [];
  const silences: number[] = [];
  const signs = new SignsOfLife({ silentAfterMs, tell: (data) => told.push(data), silent: (seconds) => silences.push(seconds) });
  return { told, silences, signs };
}

describe("a tool that runs", () => {
  it("is silent after 15 seconds, and that is told again each time the silence has doubled", () => {
    const { silences, signs } = watched();
    vi.advanceTimersByTime(14_999);
    expect(silences).toEqual([]);
    vi.advanceTimersByTime(10 * 60_000);
    expect(silences).toEqual([15, 30, 60, 120, 240, 480]);
    signs.end();
    vi.advanceTimersByTime(60 * 60_000);
    expect(silences).toHaveLength(6);
  });

  it("is silent no longer when it gives news, and is then given more time", () => {
    const { silences, signs } = watched(1000);
    vi.advanceTimersByTime(900);
    signs.news(1);
    vi.advanceTimersByTime(900);
    expect(silences).toEqual([]);
    vi.advanceTimersByTime(100);
    signs.news(2);
    expect(silences).toEqual([1, 0]);
    vi.advanceTimersByTime(1999);
    expect(silences).toEqual([1, 0]);
    vi.advanceTimersByTime(1);
    expect(silences).toEqual([1, 0, 2]);
    signs.end();
  });

  it("that floods is heard 20 times a second, the latest news win, and the last are told before its end", () => {
    const { told, signs } = watched();
    for (let count = 0; count < 100_000; count++) {
      signs.news(count);
      if (count % 100 === 99) vi.advanceTimersByTime(1);
    }
    expect(told.length).toBeLessThanOrEqual(21);
    expect(told[0]).toBe(0);
    signs.news("last");
    signs.end();
    expect(told.at(-1)).toBe("last");
    signs.news("too late");
    vi.advanceTimersByTime(1000);
    expect(told.at(-1)).toBe("last");
    expect(vi.getTimerCount()).toBe(0);
  });
});
