import type { FoundFile } from "./found.ts";
import type { KeptFile } from "./manifest.ts";

/** Two changes of a file in less time may leave one stamp, on the coarsest of file systems. Milliseconds. */
const tick = 2_000;

/** `at`: when the reading of what is known began. What was changed right before that may have changed once more since. */
export function isUnchanged(known: KeptFile, found: FoundFile, at: number): boolean {
  return known.stamp === found.stamp && known.changedAt + tick < at;
}
