import type { EntryCutter } from "./entry-cutter.ts";
import type { PlanPart } from "./plan-part.ts";

/** How the todos stand in a plan fence: as lines, or as JSON. Made for one turn. */
export interface PlanFormat {
  /** Reads the inside of a fence that `ticks` backticks opened. */
  cut(ticks: number, emit: (part: PlanPart) => void): EntryCutter;
  /** For a line that would be a valid todo: the names of the blocks that follow it. Null for every other line. */
  blocksOfCall(line: string): readonly string[] | null;
}
