import { linesOf, textChange } from "./diff.ts";
import { type LineChange, changesBetween } from "./line-diff.ts";

/** A change a todo made to a file, and the file as it is now. `null` bytes: no file. */
export interface FileChange {
  readonly current: Buffer | null;
  readonly before: Buffer | null;
  readonly after: Buffer | null;
  /** Ids of `diffFiles(before, after)`: only these hunks are undone or redone. Absent: the whole change. */
  readonly hunks?: readonly string[] | undefined;
}

/** What the file has to hold now, or why that cannot be told without losing somebody's work. */
export type UndoResult =
  | { readonly status: "restored"; readonly bytes: Buffer | null }
  | { readonly status: "conflict"; readonly message: string };

/**
 * Takes a change back by a three-way merge: what happened to the file since stays, line by line, and where it touches the
 * lines to take back nothing is written. Gives the exact old bytes where nothing happened since. The mode is the caller's.
 */
export function undoChange(change: FileChange): UndoResult {
  return move(change, "undo");
}

/** Makes an undone change again, under the same rules. */
export function redoChange(change: FileChange): UndoResult {
  return move(change, "redo");
}

type Direction = "undo" | "redo";

/** A change of lines `[start, end)` of the text it starts from into `lines`. */
interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

function move(change: FileChange, direction: Direction): UndoResult {
  const { current } = change;
  const [from, to] = direction === "undo" ? [change.after, change.before] : [change.before, change.after];
  // The usual case, and all there is to do where thousands of files are taken back: nothing is compared for it.
  if (change.hunks === undefined && same(current, from)) return restored(to);
  const text = textChange(change.before, change.after);
  const known = text?.hunks.map((hunk) => hunk.id) ?? [];
  const wanted = change.hunks === undefined ? null : new Set(change.hunks);
  const strange = [...(wanted ?? [])].find((id) => !known.includes(id));
  if (strange !== undefined) return conflict(`This change has no part ${strange}; load its diff again.`);
  const whole = wanted === null || wanted.size === known.length;

  if (whole && same(current, from)) return restored(to);
  if (whole && same(current, to)) return restored(current);
  if (from === null) return conflict("A file of this name is there again; move it away first.");
  if (current === null) return conflict("The file was deleted since.");
  if (to === null) return conflict("The file was changed since; delete it by hand if it is not needed.");

  const currentLines = linesOf(current);
  if (text === null || currentLines === null) return conflict("The file was changed since and cannot be compared line by line.");
  const fromLines = direction === "undo" ? text.after : text.before;
  const ours = text.hunks
    .filter((hunk) => whole || wanted.has(hunk.id))
    .flatMap((hunk) =>
      hunk.changes.map((lines) => replacement(lines, direction, direction === "undo" ? text.before : text.after)),
    );
  const theirs = changesBetween(fromLines, currentLines).map((lines) => replacement(lines, "redo", currentLines));
  return merge(fromLines, ours, theirs);
}

/** Both lists are in order and do not overlap in themselves. */
function merge(base: readonly string[], ours: readonly Replacement[], theirs: readonly Replacement[]): UndoResult {
  const open: Replacement[] = [];
  for (const change of ours) {
    const near = theirs.filter((other) => other.start <= change.end && change.start <= other.end);
    if (near.length === 0) open.push(change);
    else if (near.length > 1 || near[0] === undefined || !equal(near[0], change)) return conflict(touched(change));
  }
  const lines: string[] = [];
  let at = 0;
  for (const change of [...open, ...theirs].toSorted((a, b) => a.start - b.start)) {
    lines.push(...base.slice(at, change.start), ...change.lines);
    at = change.end;
  }
  lines.push(...base.slice(at));
  return restored(Buffer.from(lines.join(""), "utf8"));
}

function replacement(change: LineChange, direction: Direction, target: readonly string[]): Replacement {
  if (direction === "redo")
    return { start: change.oldStart, end: change.oldEnd, lines: target.slice(change.newStart, change.newEnd) };
  return { start: change.newStart, end: change.newEnd, lines: target.slice(change.oldStart, change.oldEnd) };
}

function equal(a: Replacement, b: Replacement): boolean {
  return a.start === b.start && a.end === b.end && a.lines.join("") === b.lines.join("");
}

function touched({ start, end }: Replacement): string {
  const where = end - start > 1 ? `Lines ${start + 1}–${end} were` : `Line ${start + 1} was`;
  return `${where} changed since.`;
}

function same(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

function restored(bytes: Buffer | null): UndoResult {
  return { status: "restored", bytes };
}

function conflict(message: string): UndoResult {
  return { status: "conflict", message };
}
