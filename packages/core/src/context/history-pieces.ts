import type { Step } from "./fit.ts";
import { type Piece, fixed, madeByCode } from "./piece.ts";
import type { Exchange } from "./prompt-input.ts";
import { excerpt, grouped } from "./result-text.ts";

export interface HistoryPieces {
  readonly pieces: readonly Piece[];
  /** Oldest first, a question with its answers at a time. */
  readonly steps: readonly Step[];
  /** Stands first among the pieces; its text is for the case that all of them go. */
  readonly note: Piece;
}

/** Earlier runs. What comes from outside does not enter a new run by itself: a stub made by code stands for it. */
export function historyPieces(history: readonly Exchange[]): HistoryPieces {
  const note = fixed("note", "user", { label: madeByCode, text: noteOf(history) });
  const entries = history.map((exchange) => ({ exchange, piece: pieceOf(exchange) }));
  const groups: (typeof entries)[] = [];
  for (const entry of entries) {
    const open = groups.at(-1);
    if (open === undefined || entry.exchange.role === "user") groups.push([entry]);
    else open.push(entry);
  }
  const steps = groups.map((group) => ({
    pieces: group.map(({ piece }) => piece),
    to: "gone" as const,
    what: rangeOf(group.map(({ exchange }) => exchange)),
    note,
  }));
  return { pieces: [note, ...entries.map(({ piece }) => piece)], steps, note };
}

/** The line that stands for messages that were left out. */
export function noteOf(left: readonly Exchange[]): string {
  if (left.length === 0) return "";
  const example = left[0]?.number ?? "m1";
  const count = left.length === 1 ? "1 earlier message" : `${left.length} earlier messages`;
  return `[${count} (${rangeOf(left)}) left out to save space; recall(${JSON.stringify(example)}) reads one.]`;
}

function rangeOf(exchanges: readonly Exchange[]): string {
  const [first, last] = [exchanges[0]?.number ?? "", exchanges.at(-1)?.number ?? ""];
  return first === last ? first : `${first}–${last}`;
}

function pieceOf({ number, role, text, label }: Exchange): Piece {
  if (label.integrity === "outside") return fixed("history", role, { label: madeByCode, text: stubOf(number, text) });
  const readOn = (offset: number, length: number): string => `recall(${JSON.stringify(number)}, ${offset}, ${length})`;
  return { kind: "history", role, label, text: (cap) => excerpt(text, cap, readOn) };
}

function stubOf(number: string, text: string): string {
  const size = grouped(text.length);
  return `[${number}: ${size} characters written after reading text from outside are not shown; recall(${JSON.stringify(number)}) reads them.]`;
}
