import { OrquestraError } from "@orquestra/core";
import type { Bench } from "../bench.ts";
import { median, percentile } from "../lib/statistics.ts";
import { type GateCase, gateCases } from "./calls.ts";

const target = 50;
/** Calls in one sample: a clock tells nothing of a single one. */
const callsPerSample = 200;
const samples = 80;
const warmSamples = 40;

interface Row {
  readonly name: string;
  readonly median: number;
  readonly p99: number;
}

export const gate: Bench = {
  name: "gate",
  measures: "microseconds of authorize() for one call: reads, edits, commands, and under a policy of 50 rules",
  run(options, report) {
    const rounds = options.rounds ?? 3;
    const cases = gateCases();
    for (const one of cases) measure(one, Math.ceil(warmSamples * options.scale));
    // Interleaved, so that a busy moment falls on all of them.
    const seen = Array.from({ length: rounds }, () =>
      cases.map((one) => measure(one, Math.ceil(samples * options.scale))),
    ).flat();
    for (const row of seen) report.raw({ bench: "gate", ...row });
    const rows = cases.map(({ name }) => {
      const own = seen.filter((row) => row.name === name);
      return { name, median: median(own.map((row) => row.median)), p99: median(own.map((row) => row.p99)) };
    });
    report.table({
      title: `One call through the whole gate, microseconds; of ${samples} samples of ${callsPerSample} calls, ${rounds} rounds`,
      columns: ["call", "median", "p99"],
      rows: rows.map((row) => [row.name, row.median, row.p99]),
    });
    const figure = Math.max(...rows.map((row) => row.median));
    const parts = Object.fromEntries(rows.map((row) => [row.name, { median: row.median, p99: row.p99 }]));
    return Promise.resolve({
      bench: "gate",
      figure,
      unit: "us/call, slowest median",
      target,
      baseline: null,
      ratio: null,
      parts,
    });
  },
};

/** Throws where the gate does not say what is measured. */
function measure({ name, expected, run }: GateCase, count: number): Row {
  const times: number[] = [];
  for (let sample = 0; sample < count; sample += 1) {
    const started = performance.now();
    for (let call = 0; call < callsPerSample; call += 1) {
      if (run() !== expected) throw new OrquestraError("wrong_answer", `The gate does not say ${expected} of ${name}.`);
    }
    times.push(((performance.now() - started) * 1000) / callsPerSample);
  }
  return { name, median: median(times), p99: percentile(times, 0.99) };
}
