import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type CommandRunner, OrquestraError, bareRunner, probeSandbox } from "@orquestra/core";
import type { Bench, Report } from "../bench.ts";
import type { Figure } from "../lib/figure.ts";
import { median, percentile } from "../lib/statistics.ts";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import type { Options } from "../options.ts";

const targetMs = 20;
const restMs = 3000;
/** A folder like that of a small product, and a larger one. */
const workspaces = { small: 20, large: 400 } as const;
type Size = keyof typeof workspaces;

export const sandbox: Bench = {
  name: "sandbox",
  measures: "a command that does nothing, in the sandbox beside bare: what bubblewrap, guarding and looking after it cost",
  async run(options, report) {
    const folder = await temporaryFolder();
    try {
      const data = join(folder.path, "data");
      await mkdir(data);
      const found = await probeSandbox({ folder: join(data, "sandbox"), hidden: [data], path: "/usr/local/bin:/usr/bin:/bin" });
      if (found.runner.kind === "none") throw new OrquestraError("no_sandbox", found.summary);
      report.line(found.summary);
      const rows: Row[] = [];
      const places: Place[] = [];
      for (const size of ["small", "large"] as const)
        places.push({ size, root: await makeWorkspace(join(folder.path, size), workspaces[size]), sandboxed: found.runner });
      // Like a folder that somebody works in, most of it has been at rest for a while.
      await wait(restMs);
      for (const place of places) rows.push(await measure(place, options, report));
      show(rows, report);
      return figureOf(rows);
    } finally {
      await folder.remove();
    }
  },
};

/** Folders of ten files each, with the guarded ones of a usual project. */
async function makeWorkspace(root: string, folders: number): Promise<string> {
  const names = Array.from({ length: folders }, (_, index) => `src/part-${index % 20}/folder-${index}`);
  for (const name of [".git/hooks", ".vscode", ...names]) await mkdir(join(root, name), { recursive: true });
  const files = names.flatMap((name) => Array.from({ length: 10 }, (_, index) => `${name}/file-${index}.ts`));
  for (const file of [".env", ".git/config", ".vscode/tasks.json", ...files]) await writeFile(join(root, file), "");
  return root;
}

interface Row {
  readonly size: Size;
  readonly bare: readonly number[];
  readonly sandboxed: readonly number[];
}

interface Place {
  readonly size: Size;
  readonly root: string;
  readonly sandboxed: CommandRunner;
}

/** In turns, so that both meet the same machine. */
async function measure({ size, root, sandboxed }: Place, options: Options, report: Report): Promise<Row> {
  const runners = { bare: bareRunner(), sandboxed };
  const times: { readonly [kind in keyof typeof runners]: number[] } = { bare: [], sandboxed: [] };
  const rounds = options.rounds ?? Math.max(3, Math.round(100 * options.scale));
  for (let round = -3; round < rounds; round += 1) {
    for (const kind of ["bare", "sandboxed"] as const) {
      const milliseconds = await timeOf(runners[kind], root);
      if (round < 0) continue;
      times[kind].push(milliseconds);
      report.raw({ bench: "sandbox", size, kind, round, milliseconds });
    }
  }
  return { size, ...times };
}

async function timeOf(runner: CommandRunner, root: string): Promise<number> {
  const command = { program: "/bin/bash", args: ["-c", "true"], cwd: ".", environment: {}, access: "sandbox", root } as const;
  const started = performance.now();
  const own = { timeoutMs: 30_000, onOutput: () => undefined, signal: new AbortController().signal };
  const { exitCode } = await runner.run({ ...command, ...own });
  const ended = performance.now();
  if (exitCode !== 0) throw new OrquestraError("command_failed", `true ended with ${exitCode}`);
  return ended - started;
}

function show(rows: readonly Row[], report: Report): void {
  report.table({
    title: "`true` in ms, from the call to the result",
    columns: ["workspace", "bare p50", "p95", "sandbox p50", "p95", "more, p50"],
    rows: rows.map(({ size, bare, sandboxed }) => [
      `${size} (${workspaces[size] * 10} files)`,
      median(bare),
      percentile(bare, 0.95),
      median(sandboxed),
      percentile(sandboxed, 0.95),
      median(sandboxed) - median(bare),
    ]),
  });
}

function figureOf(rows: readonly Row[]): Figure {
  const parts = Object.fromEntries(
    rows.map(({ size, bare, sandboxed }) => {
      const bareParts = { p50: median(bare), p95: percentile(bare, 0.95) };
      return [size, { bare: bareParts, sandboxed: { p50: median(sandboxed), p95: percentile(sandboxed, 0.95) } }];
    }),
  );
  const [{ bare, sandboxed } = { bare: [], sandboxed: [] }] = rows;
  const [baseline, figure] = [median(bare), median(sandboxed) - median(bare)];
  const unit = "ms more than bare, p50";
  return { bench: "sandbox", figure, unit, target: targetMs, baseline, ratio: figure / baseline, parts };
}
