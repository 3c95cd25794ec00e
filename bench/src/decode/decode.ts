import { z } from "zod";
import type { Bench, Report } from "../bench.ts";
import { askChild, startChild } from "../lib/child.ts";
import type { Figure } from "../lib/figure.ts";
import type { Wire } from "../lib/model.ts";
import { median } from "../lib/statistics.ts";
import type { Options } from "../options.ts";
import { type Arrival, arrivals, tokens } from "./answers.ts";
import { type FirstToken, firstToken } from "./first-token.ts";
import { readers } from "./readers.ts";

const wires: readonly Wire[] = ["responses", "chat", "messages"];
const target = 2;
const firstTokenTargetMs = 30;

const sampleSchema = z.object({
  round: z.number(),
  arrival: z.enum(arrivals),
  reader: z.enum(readers),
  microseconds: z.number(),
});
export type Sample = z.infer<typeof sampleSchema> & { readonly wire: Wire };

export const decode: Bench = {
  name: "decode",
  measures:
    "CPU per token from the provider's bytes to typed parts, beside a minimal reader; and the first token's way to the client",
  async run(options, report) {
    const samples = await readAll(options, report);
    const rows = rowsOf(samples);
    show(rows, report);
    const first = await firstTokens(options, report);
    return figureOf(rows, first);
  },
};

async function readAll(options: Options, report: Report): Promise<readonly Sample[]> {
  const extension = import.meta.url.slice(-3);
  const file = new URL(`server-child${extension}`, import.meta.url);
  const server = startChild(file, { tokensPerSecond: 200 / options.scale }, z.object({ url: z.string() }));
  const all: Sample[] = [];
  try {
    const url = options["model-url"] ?? (await server.message()).url;
    const streams = options.concurrency ?? Math.max(1, Math.round(50 * options.scale));
    for (const wire of wires) {
      const settings = { url, wire, streams, rounds: options.rounds ?? 3 };
      const child = new URL(`reader-child${extension}`, import.meta.url);
      const { samples } = await askChild(child, settings, z.object({ samples: z.array(sampleSchema) }));
      for (const sample of samples) {
        all.push({ ...sample, wire });
        report.raw({ bench: "decode", type: "cpu", wire, ...sample });
      }
    }
  } finally {
    await server.end();
  }
  return all;
}

interface Row {
  readonly wire: Wire;
  readonly arrival: Arrival;
  /** Microseconds of CPU: a request's, or a token's without the request. */
  readonly minimal: number;
  readonly fetch: number;
  readonly ours: number;
  /** Of ours to the minimal reader, the median over rounds of what was measured side by side. */
  readonly ratio: number;
}

export function rowsOf(samples: readonly Sample[]): readonly Row[] {
  const costs = (wire: Wire, arrival: Arrival, reader: Sample["reader"]): readonly number[] =>
    samples
      .filter((sample) => sample.wire === wire && sample.arrival === arrival && sample.reader === reader)
      .map(({ microseconds }) => microseconds);
  return arrivals.flatMap((arrival) =>
    wires.map((wire) => {
      const of = (reader: Sample["reader"]): readonly number[] => {
        const requests = costs(wire, "request", reader);
        if (arrival === "request") return requests;
        return costs(wire, arrival, reader).map((cost, round) => (cost - (requests[round] ?? Number.NaN)) / (tokens - 1));
      };
      const [minimal, ours] = [of("minimal"), of("ours")];
      const ratios = ours.map((value, round) => value / (minimal[round] ?? Number.NaN));
      const medians = { minimal: median(minimal), fetch: median(of("fetch")), ours: median(ours), ratio: median(ratios) };
      return { wire, arrival, ...medians };
    }),
  );
}

const named: { readonly [arrival in Arrival]: string } = {
  request: "a request",
  single: "a token, one a read",
  burst: "a token, all at once",
};

function show(rows: readonly Row[], report: Report): void {
  report.table({
    title: "CPU in µs of reading answers of 400 tokens from another process: a token's, and a request's by itself",
    columns: ["wire", "of", "node:http", "fetch", "ours", "ours/node:http", "ours/fetch"],
    rows: rows.map((row) => [row.wire, named[row.arrival], row.minimal, row.fetch, row.ours, row.ratio, row.ours / row.fetch]),
  });
}

async function firstTokens({ scale }: Options, report: Report): Promise<readonly FirstToken[]> {
  const count = (number: number): number => Math.max(1, Math.round(number * scale));
  const loads = [
    { sessions: 1, messages: count(20) },
    { sessions: count(50), messages: count(4) },
  ];
  const tokensPerSecond = 60 / Math.min(1, scale);
  const found: FirstToken[] = [];
  for (const load of loads) found.push(await firstToken({ ...load, tokensPerSecond }, report));
  report.table({
    title: "From the provider's first token to a reader of the client, in ms (the client's wait for the next frame included)",
    columns: ["sessions at once", "p50", "p99"],
    rows: found.map(({ sessions, p50, p99 }) => [String(sessions), p50, p99]),
  });
  return found;
}

/** The worst of the wires and of the two ways tokens come. */
function figureOf(rows: readonly Row[], first: readonly FirstToken[]): Figure {
  const worst = rows.filter(({ arrival }) => arrival !== "request").toSorted((a, b) => b.ratio - a.ratio)[0];
  const parts = {
    ...Object.fromEntries(rows.map(({ wire, arrival, ...row }) => [`${wire} ${arrival}`, row])),
    firstToken: { targetMs: firstTokenTargetMs, ...Object.fromEntries(first.map((one) => [`at${one.sessions}`, { ...one }])) },
  };
  const figure = worst?.ratio ?? Number.NaN;
  return { bench: "decode", figure, unit: "x minimal reader's CPU/token", target, baseline: 1, ratio: figure, parts };
}
