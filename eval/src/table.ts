import type { Verdict } from "./run-task.ts";
import { type Summary, hasPassed } from "./summary.ts";

type Cell = string | number | null;

const runWidths = [20, 7, 7, 6, 6, 8, 9, 9, 9, 8] as const;
const summaryWidths = [8, 10, 8, 8, 10, 10, 9, 8] as const;

export const runHeader = row(
  ["task", "format", "", "turns", "todos", "repairs", "tokens in", "out", "cost", "seconds"],
  runWidths,
);

export function runRow(verdict: Verdict): string {
  const { task, format, figures } = verdict;
  const { turns, todos, repairs, inputTokens, outputTokens, cost, seconds } = figures;
  const result = hasPassed(verdict) ? "ok" : "FAILED";
  const cells = [task, format, result, turns, todos, repairs, inputTokens, outputTokens, money(cost), seconds.toFixed(2)];
  return [row(cells, runWidths), ...Object.values(verdict.wrong).map((why) => `    ${why}`)].join("\n");
}

export function summaryTable(all: readonly Summary[]): string {
  const header = ["format", "passed", "repairs", "turns", "tokens in", "out", "cost", "seconds"];
  const rows = all.map(({ format, passed, runs, repairs, turns, inputTokens, outputTokens, cost, seconds }) => [
    format,
    `${passed}/${runs}`,
    repairs,
    turns,
    inputTokens,
    outputTokens,
    money(cost),
    seconds?.toFixed(2) ?? null,
  ]);
  return ["Medians of a run, per plan format:", ...[header, ...rows].map((cells) => row(cells, summaryWidths))].join("\n");
}

/** Words to the left, numbers to the right. */
function row(cells: readonly Cell[], widths: readonly number[]): string {
  const padded = cells.map((cell, index) => {
    const width = widths[index] ?? 0;
    const text = cell === null ? "–" : String(cell);
    return index < 1 || (widths === runWidths && index < 3) ? text.padEnd(width) : text.padStart(width);
  });
  return padded.join(" ").trimEnd();
}

function money(cost: number | null): string | null {
  return cost === null ? null : cost.toFixed(4);
}
