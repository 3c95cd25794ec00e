import type { Finding } from "./audit/finding.ts";
import { printTable } from "./lib/table.ts";
import type { Outcome } from "./scenarios/scenario.ts";

/** A scenario's line in the table, and its part of the JSON. */
export interface Row {
  readonly scenario: string;
  readonly on: string;
  readonly faults: number;
  readonly messages: number;
  readonly runs: number;
  readonly todos: number;
  readonly effects: number;
  readonly lost: number;
  readonly doubled: number;
  readonly wrong: number;
  readonly unknown: number;
  readonly refused: number;
  readonly unsaid: number;
  readonly recoveryMs: { readonly median: number | null; readonly max: number | null };
  /** Median. */
  readonly startCpuMs: number | null;
  readonly seconds: number;
}

export function rowOf(scenario: Pick<Row, "on"> & { readonly name: string }, outcome: Outcome, seconds: number): Row {
  const { findings, recoveries, startCosts, refusals, ...counts } = outcome;
  const count = (kind: Finding["kind"]): number => findings.filter((finding) => finding.kind === kind).length;
  return {
    scenario: scenario.name,
    on: scenario.on,
    ...counts,
    lost: count("lost"),
    doubled: count("doubled"),
    wrong: count("wrong"),
    refused: [...refusals.values()].reduce((sum, times) => sum + times, 0),
    recoveryMs: { median: median(recoveries), max: recoveries.length === 0 ? null : Math.round(Math.max(...recoveries)) },
    startCpuMs: median(startCosts),
    seconds: Math.round(seconds),
  };
}

const columns = [
  "scenario",
  "on",
  "faults",
  "messages",
  "runs",
  "todos",
  "effects",
  "lost",
  "doubled",
  "wrong",
  "unknown",
  "refused",
  "unsaid",
] as const;

export function summaryTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    ...columns.map((name) => row[name]),
    row.recoveryMs.median,
    row.recoveryMs.max,
    row.startCpuMs,
    row.seconds,
  ]);
  return printTable([...columns, "back ms", "max", "start cpu", "s"], cells);
}

function median(values: readonly number[]): number | null {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  return middle === undefined ? null : Math.round(middle);
}

export function isClean(rows: readonly Row[]): boolean {
  return rows.every(({ lost, doubled, wrong }) => lost + doubled + wrong === 0);
}

/** The last line. `load`: how many processes wanted a processor in the last quarter of an hour, on average. */
export function summaryLine(seed: number, rows: readonly Row[], load: number): string {
  const sum = (name: "faults" | "lost" | "doubled" | "wrong"): number => rows.reduce((total, row) => total + row[name], 0);
  const totals = { faults: sum("faults"), lost: sum("lost"), doubled: sum("doubled"), wrong: sum("wrong") };
  return JSON.stringify({ chaos: "summary", seed, ...totals, load, scenarios: rows });
}
