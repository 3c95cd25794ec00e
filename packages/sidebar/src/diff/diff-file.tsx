import type { DiffHunk, FileDiff } from "@orquestra/protocol";
import { type ReactNode, useState } from "react";
import { plural } from "../lib/format.ts";
import { reveal } from "../lib/invisible.ts";

const signs = { context: " ", added: "+", removed: "−" } as const;
const shownLines = 120;

interface DiffFileProps {
  readonly file: FileDiff;
  /** What stands below each hunk. */
  readonly hunkFoot?: (hunk: DiffHunk, index: number) => ReactNode;
}

/** The hunks of a file. Long lines wrap: nothing is hidden to the right. */
export function DiffFile({ file, hunkFoot }: DiffFileProps) {
  const [all, setAll] = useState(false);
  if (file.opaque === true) return <p className="oq-pad oq-muted">Binary or too large to show line by line.</p>;
  const total = file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  let left = all ? Number.POSITIVE_INFINITY : shownLines;
  const shown = file.hunks.map((hunk, index) => {
    const lines = hunk.lines.slice(0, Math.max(0, left));
    left -= hunk.lines.length;
    return lines.length === 0 ? null : (
      <div key={hunk.id}>
        <Hunk hunk={hunk} lines={lines} />
        {hunkFoot?.(hunk, index)}
      </div>
    );
  });
  return (
    <div className="oq-diff">
      {shown}
      {left < 0 && (
        <button type="button" className="oq-link oq-pad" onClick={() => setAll(true)}>
          Show all {plural(total, "line")}
        </button>
      )}
    </div>
  );
}

interface HunkProps {
  readonly hunk: DiffHunk;
  readonly lines: DiffHunk["lines"];
}

function Hunk({ hunk, lines }: HunkProps) {
  return (
    <div className="oq-hunk" role="group" aria-label={`Lines from ${hunk.newStart}`}>
      {lines.map((line, index) => (
        // A hunk never changes under its id, so a place is an identity.
        <div key={index} className="oq-hunk-line" data-kind={line.kind}>
          <span aria-hidden="true">{signs[line.kind]}</span>
          <span>
            {line.kind !== "context" && <span className="oq-said">{line.kind}: </span>}
            {reveal(line.text) || " "}
          </span>
        </div>
      ))}
    </div>
  );
}
