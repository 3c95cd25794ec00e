import { readFile } from "node:fs/promises";
import { OrquestraError } from "@orquestra/core";
import { z } from "zod";
import type { Bench, Report } from "../bench.ts";
import { type Child, startChild } from "../lib/child.ts";
import type { Figure } from "../lib/figure.ts";
import type { Options } from "../options.ts";

const sessions = 10_000;
const target = 20;
/** Files that each process has open beside its sockets. */
const otherFiles = 200;

const memorySchema = z.object({ rss: z.number(), heapUsed: z.number(), external: z.number(), arrayBuffers: z.number() });
type Memory = z.infer<typeof memorySchema>;

export const idle: Bench = {
  name: "idle",
  measures: "memory of a process per attached session that says nothing: its socket, its attachment and its row",
  async run(options, report) {
    const count = await affordable(Math.max(1, Math.round(options.concurrency ?? sessions * Math.min(1, options.scale))), report);
    const settings = { modelUrl: "http://127.0.0.1:9", place: { kind: "memory" }, tools: false };
    const engine = startChild(childFile("../sessions/engine-child"), settings, z.object({ url: z.string() }));
    try {
      const clients = startChild(childFile("./clients-child"), await engine.message(), z.object({}));
      try {
        await clients.message();
        return await measure({ engine, clients, count, options, report });
      } finally {
        await clients.end();
      }
    } finally {
      await engine.end();
    }
  },
};

interface Measuring {
  readonly engine: Child<object>;
  readonly clients: Child<object>;
  readonly count: number;
  readonly options: Options;
  readonly report: Report;
}

/** The difference to the process before anybody came. */
async function measure({ engine, clients, count, options, report }: Measuring): Promise<Figure> {
  const memory = (): Promise<Memory> => engine.ask({ type: "memory" }, memorySchema);
  const opened = z.object({ open: z.number() });
  const before = await memory();
  const started = performance.now();
  await clients.ask({ type: "open", sessions: count }, opened);
  const seconds = (performance.now() - started) / 1000;
  const after = await memory();
  const { open } = await clients.ask({ type: "open-now" }, opened);
  if (open !== count) throw new OrquestraError("connections_lost", `${open} of ${count} sessions are attached.`);
  report.raw({ bench: "idle", count, before, after, seconds });
  const each = (key: keyof Memory): number => (after[key] - before[key]) / count / 1024;
  const parts = {
    sessions: count,
    heapKiB: each("heapUsed"),
    bufferKiB: each("external"),
    rssMiB: after.rss / 2 ** 20,
    attachedPerSecond: count / seconds,
  };
  show(each, report, parts);
  if (options.scale < 1) report.line("So few sessions say little: what the process takes by itself is spread over them.");
  return {
    bench: "idle",
    figure: Math.max(each("rss"), each("heapUsed")),
    unit: "KiB/session",
    target,
    baseline: null,
    ratio: null,
    parts,
  };
}

function show(
  each: (key: keyof Memory) => number,
  report: Report,
  parts: { readonly sessions: number; readonly rssMiB: number; readonly attachedPerSecond: number },
): void {
  report.table({
    title: "KiB for each attached session without a run, after a full garbage collection; journal in memory",
    columns: ["sessions", "RSS", "heap", "buffers", "whole RSS MiB", "attached/s"],
    rows: [[String(parts.sessions), each("rss"), each("heapUsed"), each("external"), parts.rssMiB, parts.attachedPerSecond]],
  });
}

function childFile(name: string): URL {
  return new URL(`${name}${import.meta.url.slice(-3)}`, import.meta.url);
}

/** As many as both processes may have open files for: the limit is the system's, and Node takes all of it. */
async function affordable(wanted: number, report: Report): Promise<number> {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const limit = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  const most = Math.floor(limit - otherFiles);
  if (wanted <= most) return wanted;
  report.line(`Only ${most} sessions: a process may have no more than ${limit} files open here (ulimit -n).`);
  return most;
}
