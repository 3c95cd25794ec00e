const shortest = 250;
const longest = 10_000;

/** Milliseconds to wait after so many failures in a row: doubling, and jittered so that clients do not come back in step. */
export function backOff(failures: number): number {
  const whole = Math.min(longest, shortest * 2 ** failures);
  return Math.round(whole * (0.5 + Math.random() / 2));
}
