import type { PlanFormat } from "@orquestra/protocol";
import { type Figures, median } from "./measure.ts";
import type { Verdict } from "./run-task.ts";

/** How a plan format did: how many runs passed, and the medians of all that were begun. */
export interface Summary {
  readonly format: PlanFormat;
  readonly runs: number;
  readonly passed: number;
  readonly repairs: number;
  readonly turns: number | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cost: number | null;
  readonly seconds: number | null;
}

export function summaries(verdicts: readonly Verdict[]): readonly Summary[] {
  const formats = new Set(verdicts.map(({ format }) => format));
  return [...formats].map((format) =>
    summaryOf(
      format,
      verdicts.filter((verdict) => verdict.format === format),
    ),
  );
}

function summaryOf(format: PlanFormat, verdicts: readonly Verdict[]): Summary {
  const begun = verdicts.filter(({ figures }) => figures.turns > 0);
  const middle = (pick: (figures: Figures) => number | null): number | null =>
    median(begun.flatMap(({ figures }) => pick(figures) ?? []));
  return {
    format,
    runs: verdicts.length,
    passed: verdicts.filter(hasPassed).length,
    repairs: verdicts.reduce((sum, { figures }) => sum + figures.repairs, 0),
    turns: middle(({ turns }) => turns),
    inputTokens: middle(({ inputTokens }) => inputTokens),
    outputTokens: middle(({ outputTokens }) => outputTokens),
    cost: middle(({ cost }) => cost),
    seconds: middle(({ seconds }) => seconds),
  };
}

export function hasPassed({ wrong }: Verdict): boolean {
  return Object.keys(wrong).length === 0;
}
