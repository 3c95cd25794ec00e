import type { Found } from "./found.ts";
import type { Now } from "./look-again.ts";
import type { Kept } from "./manifest.ts";

/**
 * Changes as they could have happened one after the other: what goes away from the leaves up, what comes from the root down. So
 * taking them back in reverse order finds each folder there before what belongs in it, and empty before it goes.
 */
export function inUndoableOrder(paths: readonly string[], before: ReadonlyMap<string, Kept>, now: Now): readonly string[] {
  const sorted = paths.toSorted(byPath);
  const stepOf = (path: string): number => step(before.get(path), now.found.get(path), now.unkept.get(path)?.kind === "moved");
  return [0, 1, 2, 3, 4].flatMap((wanted) => {
    const chosen = sorted.filter((path) => stepOf(path) === wanted);
    return wanted === goes ? chosen.toReversed() : chosen;
  });
}

const opens = 0;
const goes = 1;
const comes = 2;
const closes = 3;
const moves = 4;

function step(before: Kept | undefined, after: Found | undefined, isMoved: boolean): number {
  if (isMoved) return moves;
  if (before?.kind === "folder" && after?.kind === "folder") return isOpen(before.mode) ? closes : opens;
  return before !== undefined && (after === undefined || before.kind === "folder") ? goes : comes;
}

/** Its owner can change what is in it. */
function isOpen(mode: number): boolean {
  return (mode & 0o300) === 0o300;
}

/** By names, so that a folder stands before what is in it. */
function byPath(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
