import { createHash } from "node:crypto";
import { diffArrays } from "diff";

/** Lines `old[oldStart, oldEnd)` became lines `new[newStart, newEnd)`. Zero-based, end exclusive. */
export interface LineChange {
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newStart: number;
  readonly newEnd: number;
}

/** Changes that stand so close together that they are shown, accepted and undone as one. */
export interface LineHunk {
  /** The same as long as the two texts are the same. */
  readonly id: string;
  readonly changes: readonly LineChange[];
}

/** Unchanged lines shown around a change. */
export const contextLines = 3;

/** Past this many changed lines the search for the shortest diff would stall the process: the middle counts as replaced. */
const maxEditLength = 1000;

/** Lines with their ends, so that joining them gives back the text exactly. */
export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** What turns the old lines into the new ones, in order; never touching each other. Deterministic. */
export function changesBetween(oldLines: readonly string[], newLines: readonly string[]): LineChange[] {
  const parts = diffArrays([...oldLines], [...newLines], { maxEditLength });
  if (parts === undefined) return [middle(oldLines, newLines)];
  const changes: LineChange[] = [];
  let [oldAt, newAt] = [0, 0];
  for (const part of parts) {
    const oldEnd = part.added ? oldAt : oldAt + part.count;
    const newEnd = part.removed ? newAt : newAt + part.count;
    if (part.added || part.removed) push(changes, { oldStart: oldAt, oldEnd, newStart: newAt, newEnd });
    [oldAt, newAt] = [oldEnd, newEnd];
  }
  return changes;
}

/** Groups changes whose context would overlap. */
export function hunksOf(oldLines: readonly string[], newLines: readonly string[]): LineHunk[] {
  const groups: LineChange[][] = [];
  for (const change of changesBetween(oldLines, newLines)) {
    const last = groups.at(-1)?.at(-1);
    if (last !== undefined && change.oldStart - last.oldEnd <= 2 * contextLines) groups.at(-1)?.push(change);
    else groups.push([change]);
  }
  return groups.map((changes) => ({ id: hunkId(changes, oldLines, newLines), changes }));
}

/** A removal and the addition that follows it are one change. */
function push(changes: LineChange[], next: LineChange): void {
  const last = changes.at(-1);
  if (last === undefined || last.oldEnd !== next.oldStart || last.newEnd !== next.newStart) changes.push(next);
  else changes[changes.length - 1] = { ...last, oldEnd: next.oldEnd, newEnd: next.newEnd };
}

function middle(oldLines: readonly string[], newLines: readonly string[]): LineChange {
  const shorter = Math.min(oldLines.length, newLines.length);
  let start = 0;
  while (start < shorter && oldLines[start] === newLines[start]) start += 1;
  let tail = 0;
  while (tail < shorter - start && oldLines.at(-1 - tail) === newLines.at(-1 - tail)) tail += 1;
  return { oldStart: start, oldEnd: oldLines.length - tail, newStart: start, newEnd: newLines.length - tail };
}

function hunkId(changes: readonly LineChange[], oldLines: readonly string[], newLines: readonly string[]): string {
  const hash = createHash("sha256");
  for (const change of changes) {
    const removed = oldLines.slice(change.oldStart, change.oldEnd);
    const added = newLines.slice(change.newStart, change.newEnd);
    hash.update(JSON.stringify([change.oldStart, removed, change.newStart, added]));
  }
  return hash.digest("hex").slice(0, 12);
}
