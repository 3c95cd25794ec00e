import type { EntryCutter } from "./entry-cutter.ts";
import type { PlanPart } from "./plan-part.ts";
import type { Target } from "./reference-path.ts";

/** How the todos stand in a plan fence: as lines, or as JSON. Made for one turn. */
export interface PlanFormat {
  /** Reads the inside of a fence that `ticks` backticks opened. */
  cut(ticks: number, emit: (part: PlanPart) => void): EntryCutter;
  /** Reads a fence that is not the plan as if it were one: with ids that lead nowhere, and references that all resolve. */
  rehearse(emit: (part: PlanPart) => void): EntryCutter;
  /** Whether a line would be a valid todo, apart from its blocks and from where its references go. */
  isTodo(line: string): boolean;
  /** Whether it is a call of a tool, but written in another way. */
  isOtherCall(text: string): boolean;
  /** Whether it is a call without its number. */
  isUnnumbered(line: string): boolean;
}

/** Ids for a rehearsal. */
export const anyIds = { assign: idOfNumber, resolve: idOfNumber };

export function idOfTarget({ number }: Target): string {
  return idOfNumber(number);
}

function idOfNumber(number: number): string {
  return `t${number}`;
}
