import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import type { DiffHunk, FileDiff } from "@orquestra/protocol";
import { type LineHunk, contextLines, hunksOf, splitLines } from "./line-diff.ts";

/** Larger or binary files are not compared line by line. */
const maxTextBytes = 1024 * 1024;

/** SHA-256 in hex. */
export function hashOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Two versions of a text, in lines with their ends, and what lies between them. */
export interface TextChange {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly hunks: readonly LineHunk[];
}

/** The lines of a file that can be compared line by line, `null` for a binary or too large one. No file has no lines. */
export function linesOf(bytes: Buffer | null): string[] | null {
  if (bytes === null) return [];
  if (bytes.length > maxTextBytes || bytes.includes(0) || !isUtf8(bytes)) return null;
  return splitLines(bytes.toString("utf8"));
}

/** `null` when either version is binary or larger than 1 MiB. */
export function textChange(before: Buffer | null, after: Buffer | null): TextChange | null {
  const oldLines = linesOf(before);
  const newLines = linesOf(after);
  if (oldLines === null || newLines === null) return null;
  return { before: oldLines, after: newLines, hunks: hunksOf(oldLines, newLines) };
}

/**
 * The difference of two versions of a file as a person is shown it; `null` bytes: no file.
 * Line texts come without `\n` but keep a `\r`. Opaque for binary files and those over 1 MiB.
 */
export function diffFiles(path: string, before: Buffer | null, after: Buffer | null): FileDiff {
  const status = before === null ? "created" : after === null ? "deleted" : "changed";
  const change = textChange(before, after);
  if (change === null) return { path, status, added: 0, removed: 0, hunks: [], opaque: true };
  const hunks = change.hunks.map((hunk) => shownHunk(hunk, change));
  const count = (kind: "added" | "removed") => hunks.flatMap((hunk) => hunk.lines).filter((line) => line.kind === kind).length;
  return { path, status, added: count("added"), removed: count("removed"), hunks };
}

/** The usual unified text of a diff, for a model to read; cut after `maxLength` characters. */
export function unifiedText(diff: FileDiff, maxLength: number): string {
  if (diff.opaque === true) return "(binary or too large to show)";
  const signs = { context: " ", added: "+", removed: "-" };
  const hunkText = (hunk: DiffHunk) =>
    [
      `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
      ...hunk.lines.map((line) => `${signs[line.kind]}${line.text}`),
    ].join("\n");
  const text = diff.hunks.map(hunkText).join("\n");
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)}\n… (${text.length - maxLength} more characters)`;
}

function shownHunk(hunk: LineHunk, { before, after }: TextChange): DiffHunk {
  const first = hunk.changes[0];
  const last = hunk.changes.at(-1);
  if (first === undefined || last === undefined) throw new Error("a hunk has at least one change");
  const lead = Math.min(contextLines, first.oldStart);
  const oldEnd = Math.min(before.length, last.oldEnd + contextLines);
  const lines: DiffHunk["lines"] = [];
  const add = (kind: "context" | "added" | "removed", texts: readonly string[]) => {
    for (const text of texts) lines.push({ kind, text: text.endsWith("\n") ? text.slice(0, -1) : text });
  };
  let at = first.oldStart - lead;
  for (const change of hunk.changes) {
    add("context", before.slice(at, change.oldStart));
    add("removed", before.slice(change.oldStart, change.oldEnd));
    add("added", after.slice(change.newStart, change.newEnd));
    at = change.oldEnd;
  }
  add("context", before.slice(at, oldEnd));
  const newEnd = last.newEnd + (oldEnd - last.oldEnd);
  const oldStart = first.oldStart - lead;
  const newStart = first.newStart - lead;
  return {
    id: hunk.id,
    oldStart: shownStart(oldStart, oldEnd),
    oldLines: oldEnd - oldStart,
    newStart: shownStart(newStart, newEnd),
    newLines: newEnd - newStart,
    lines,
  };
}

/** As in unified diffs: counted from 1; an empty range names the line before it. */
function shownStart(start: number, end: number): number {
  return end > start ? start + 1 : start;
}
