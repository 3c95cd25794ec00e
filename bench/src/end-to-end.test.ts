import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Report } from "./bench.ts";
import { benchesNamed } from "./benches.ts";
import { figureLine } from "./lib/figure.ts";
import type { Table } from "./lib/table.ts";
import { parseCall } from "./options.ts";

const lineSchema = z.strictObject({
  bench: z.string(),
  figure: z.number().nonnegative().nullable(),
  unit: z.string(),
  target: z.number(),
  baseline: z.number().nullable(),
  ratio: z.number().nullable(),
  parts: z.record(z.string(), z.unknown()),
});

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** Runs a bench in its short form. Every bench checks its own runs: nothing lost, nothing left out. */
async function short(...args: readonly string[]) {
  const { names, options } = parseCall(["--rounds", "1", ...args]);
  const tables: Table[] = [];
  const raw: object[] = [];
  const lines: string[] = [];
  const report: Report = {
    line: (text) => lines.push(text),
    table: (table) => tables.push(table),
    raw: (record) => raw.push(record),
  };
  const [bench] = benchesNamed(names);
  if (bench === undefined) throw new Error("name a bench");
  const figure = lineSchema.parse(JSON.parse(figureLine(await bench.run(options, report))));
  return { figure, tables, raw, lines };
}

describe("in its short form", { timeout: 120_000 }, () => {
  it("makespan runs a workload in all styles and many at once", async () => {
    const { figure, tables, raw } = await short("makespan", "--scale", "0.02", "--only", "hotpot");
    expect(figure).toMatchObject({ bench: "makespan", unit: "x limit", target: 1.14 });
    expect(figure.baseline).toBeGreaterThan(0);
    expect(tables[0]?.rows.map(([name]) => name)).toEqual(["hotpot-like 2", "geometric mean of the DAGs"]);
    expect(raw).toContainEqual(expect.objectContaining({ style: "longest first", type: "todo-completed", todoId: "t2" }));
  });

  it("makespan writes real files in the edit-heavy workload", async () => {
    const { tables, raw } = await short("makespan", "--scale", "0.01", "--only", "edit-heavy");
    expect(tables[0]?.rows.map(([name]) => name)).toEqual(["edit-heavy 3 files"]);
    expect(raw).toContainEqual(expect.objectContaining({ type: "checkpoint-created" }));
  });

  it("overhead runs ours beside the floor without losing anything, and keeps a profile", async () => {
    const folder = await mkdtemp(join(tmpdir(), "orquestra-bench-"));
    folders.push(folder);
    const profile = join(folder, "ours.cpuprofile");
    const { figure } = await short("overhead", "--scale", "0.02", "--concurrency", "3", "--profile", profile);
    expect(figure.parts).toMatchObject({ oursAt3: { lost: 0 }, floorAt3: { lost: 0 } });
    expect(JSON.parse(await readFile(profile, "utf8"))).toHaveProperty("nodes");
  });

  it("decode reads all three wires with all readers", async () => {
    const { figure, raw } = await short("decode", "--scale", "0.01");
    expect(figure).toMatchObject({ bench: "decode", target: 2 });
    expect(raw.filter((record) => "reader" in record)).toHaveLength(27);
    expect(figure.parts).toHaveProperty("firstToken");
  });

  it("durable counts runs on the embedded database, and an effect beside a bare commit", async () => {
    const { figure, tables, raw } = await short("durable", "--scale", "0.05", "--only", "pglite", "--concurrency", "2");
    expect(figure).toMatchObject({ bench: "durable", unit: "runs/s", target: 100 });
    expect(figure.parts).toHaveProperty("pglite.eventsPerRun");
    expect(figure.parts).toHaveProperty("pglite.commit.ratio");
    expect(tables).toHaveLength(2);
    expect(raw).toContainEqual(expect.objectContaining({ type: "level", database: "pglite", lanes: 2 }));
  });

  it("sessions measures the way of a token through three processes", async () => {
    const { figure, raw } = await short("sessions", "--scale", "0.02", "--only", "text", "--concurrency", "3");
    expect(figure.parts).toHaveProperty("text.p99");
    expect(raw).toContainEqual(expect.objectContaining({ variant: "text", sessions: 3 }));
  });

  it("idle tells what an attached session takes", async () => {
    const { figure } = await short("idle", "--scale", "0.005");
    expect(figure).toMatchObject({ unit: "KiB/session", target: 20, parts: { sessions: 50 } });
  });

  it("nodes has clients of other nodes see every event and every character", async () => {
    const { figure, raw, lines } = await short("nodes", "--scale", "0.1", "--only", "2", "--concurrency", "2");
    const missing = lines.find((line) => line.includes("not installed"));
    if (missing !== undefined) return skipped(missing);
    expect(figure.parts).toHaveProperty("2.lag.p50");
    expect(raw).toContainEqual(expect.objectContaining({ bench: "nodes", constellation: "2" }));
  });
});

/** What needs a service that is not there is left out aloud, and may not be under CI. */
function skipped(why: string): void {
  if (process.env["CI"] === "true") throw new Error(why);
  console.warn(`SKIPPED: ${why}`);
}
