import type { Found } from "./found.ts";
import type { Now } from "./look-again.ts";
import type { Kept } from "./manifest.ts";

/**
 * Changes as they could have happened one after the other: what goes away from the leaves up, what comes from the root down. So
 * taking them back in reverse order finds each folder there before what belongs in it, and empty before it goes.
 */
export function inUndoableOrder(paths: readonly string[], before: ReadonlyMap<string, Kept>, now: Now): readonly string[] {
  // A folder stands before what is in it.
  const sorted = paths.toSorted((a, b) => (a < b ? -1 : 1));
  const isMoved = (path: string): boolean => now.unkept.get(path)?.kind === "moved";
  const goes = sorted.filter((path) => !isMoved(path) && isGoing(before.get(path), now.found.get(path)));
  const going = new Set(goes);
  const comes = sorted.filter((path) => !going.has(path) && !isMoved(path));
  return [...goes.toReversed(), ...comes, ...sorted.filter(isMoved)];
}

/** What was in it goes too, where it was a folder. */
function isGoing(before: Kept | undefined, after: Found | undefined): boolean {
  if (before === undefined) return false;
  return after === undefined || (before.kind === "folder" && after.kind !== "folder");
}
