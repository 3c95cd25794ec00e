import type { ModelCall } from "../llm-provider/index.ts";
import { ContextError } from "./context-error.ts";
import { type Piece, costOf } from "./piece.ts";
import type { ImageContent } from "./prompt-input.ts";

/** Characters of data shown of one result, file or message: tried from the left, before anything is left out. */
const caps = [24_000, 12_000, 6000, 3000, 1500, 600] as const;
const smallestCap = 600;

/** Something that can be given up to save space: its pieces become stubs or go. */
export interface Step {
  readonly pieces: readonly Piece[];
  readonly to: "stub" | "gone";
  /** For the list of what was left out. */
  readonly what: string;
  /** The piece that appears with it and says so. */
  readonly note?: Piece;
}

export interface Fitted {
  readonly cap: number;
  /** Applied, in order. */
  readonly steps: readonly Step[];
  readonly levels: ReadonlyMap<Piece, Level>;
}

export type Level = "whole" | "stub" | "gone";

/**
 * Decides what fits: first the cap shrinks for all, then steps are taken in their order, as many as needed and no more.
 * Notes appear with the first step they tell of, and go when only what is protected still fits.
 * Throws a ContextError `context_too_small` when what no step gives up is too much by itself.
 */
export function fit(pieces: readonly Piece[], steps: readonly Step[], budget: number): Fitted {
  const notes = new Set(steps.flatMap(({ note }) => note ?? []));
  const levels = new Map<Piece, Level>(pieces.map((piece) => [piece, notes.has(piece) ? "gone" : "whole"]));
  for (const cap of caps) if (sum(levels, cap) <= budget) return { cap, steps: [], levels };
  let total = sum(levels, smallestCap);
  const taken: Step[] = [];
  const change = (piece: Piece, level: Level): void => {
    total += cost(piece, level, smallestCap) - cost(piece, levels.get(piece) ?? "gone", smallestCap);
    levels.set(piece, level);
  };
  for (const step of steps) {
    if (total <= budget) break;
    for (const piece of step.pieces) change(piece, step.to);
    if (step.note !== undefined) change(step.note, "whole");
    taken.push(step);
  }
  if (total > budget) for (const note of notes) change(note, "gone");
  if (total > budget) throw tooSmall(total, budget);
  return { cap: smallestCap, steps: taken, levels };
}

export function textAt(piece: Piece, level: Level, cap: number): string | null {
  if (level === "gone") return null;
  return level === "stub" ? (piece.stub ?? null) : piece.text(cap);
}

export function callsAt(piece: Piece, level: Level, cap: number): readonly ModelCall[] {
  return level === "whole" ? (piece.calls?.(cap) ?? []) : [];
}

export function imagesAt(piece: Piece, level: Level): readonly ImageContent[] {
  return level === "whole" ? (piece.images ?? []) : [];
}

function cost(piece: Piece, level: Level, cap: number): number {
  const text = textAt(piece, level, cap);
  return text === null ? 0 : costOf(text, callsAt(piece, level, cap), imagesAt(piece, level).length);
}

function sum(levels: ReadonlyMap<Piece, Level>, cap: number): number {
  let total = 0;
  for (const [piece, level] of levels) total += cost(piece, level, cap);
  return total;
}

function tooSmall(needed: number, budget: number): ContextError {
  const message =
    `Your message, your preferences and the instructions need about ${needed} tokens, and this model takes ${Math.max(0, budget)}. ` +
    `Send a shorter message, or pick a model with a larger context window.`;
  return new ContextError("context_too_small", message);
}
