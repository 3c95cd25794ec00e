import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Flusher } from "./flusher.ts";
import { scheduleFrame } from "./schedule.ts";
import { ManualSchedule } from "./testing/settle.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("scheduleFrame", () => {
  it("waits 16 ms where there is no screen", () => {
    const flush = vi.fn<() => void>();
    scheduleFrame(flush);
    vi.advanceTimersByTime(15);
    expect(flush).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(flush).toHaveBeenCalledOnce();
  });

  it("flushes with the next frame of the screen, once", () => {
    const frames: (() => void)[] = [];
    vi.stubGlobal("requestAnimationFrame", (frame: () => void) => frames.push(frame));
    const flush = vi.fn<() => void>();
    scheduleFrame(flush);
    expect(flush).not.toHaveBeenCalled();
    frames[0]?.();
    vi.advanceTimersByTime(10_000);
    expect(flush).toHaveBeenCalledOnce();
  });

  it("flushes without a frame when the page is hidden, and not again when it is shown", () => {
    const frames: (() => void)[] = [];
    vi.stubGlobal("requestAnimationFrame", (frame: () => void) => frames.push(frame));
    const flush = vi.fn<() => void>();
    scheduleFrame(flush);
    vi.advanceTimersByTime(250);
    expect(flush).toHaveBeenCalledOnce();
    frames[0]?.();
    expect(flush).toHaveBeenCalledOnce();
  });
});

describe("Flusher", () => {
  it("schedules once for however much changed, and again for what changes after", () => {
    const screen = new ManualSchedule();
    const flusher = new Flusher(screen.schedule);
    const [one, two] = [vi.fn<() => void>(), vi.fn<() => void>()];
    for (const flush of [one, one, two, one]) flusher.mark(flush);
    expect(screen.waiting).toBe(1);
    screen.flush();
    expect([one.mock.calls.length, two.mock.calls.length]).toEqual([1, 1]);
    flusher.mark(two);
    screen.flush();
    expect([one.mock.calls.length, two.mock.calls.length]).toEqual([1, 2]);
  });
});
