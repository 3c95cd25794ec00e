/** Time, as a port: tests turn it by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Near the time of day, and never set: for how long something lasts, whatever happens to the machine's clock. */
export const steadyClock: Clock = { now: () => performance.timeOrigin + performance.now() };

/** The clock's time as ISO text. Many things happen within one millisecond, so the last text is kept. */
export function isoTime(clock: Clock): string {
  const now = clock.now();
  if (now !== last.ms) last = { ms: now, text: new Date(now).toISOString() };
  return last.text;
}

let last = { ms: 0, text: new Date(0).toISOString() };
