// npm run chaos: kills, stops and cuts off servers under load, and looks whether anything was lost or done twice.
import { availableParallelism, loadavg } from "node:os";
import { messageOf } from "@orquestra/core";
import { type Options, optionsHelp, parseOptions } from "./options.ts";
import { runScenario } from "./run-scenario.ts";
import { scenarios } from "./scenarios/index.ts";
import { type Row, isClean, summaryLine, summaryTable } from "./summary.ts";

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

async function main({ seed = Math.floor(Math.random() * 2 ** 31), kills, time, on, only, help }: Options): Promise<void> {
  if (help) return console.log(optionsHelp);
  console.log(`seed ${seed} (npm run chaos -- --seed ${seed} repeats it)`);
  const plan = { seed, faults: kills, pause: 2000, steps: null, time: time * 1000, tell: (line: string) => console.log(line) };
  const rows: Row[] = [];
  for (const scenario of scenarios) {
    if (on !== undefined && scenario.on !== on) continue;
    if (only !== undefined && !scenario.name.includes(only)) continue;
    const row = await runScenario(scenario, plan);
    if (row !== null) rows.push(row);
  }
  console.log(`\n${summaryTable(rows)}\n`);
  const load = Math.round((loadavg()[2] ?? 0) * 10) / 10;
  console.log(`${availableParallelism()} processors, load average of the last 15 minutes ${load}\n`);
  console.log(summaryLine(seed, rows, load));
  if (rows.length === 0 || !isClean(rows)) process.exitCode = 1;
}
