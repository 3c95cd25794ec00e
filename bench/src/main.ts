// npm run bench -- NAME: runs one bench, or all of them.
import { createWriteStream } from "node:fs";
import { messageOf } from "@orquestra/core";
import type { Bench, Report } from "./bench.ts";
import { benchesNamed, list } from "./benches.ts";
import { figureLine } from "./lib/figure.ts";
import { machineLine } from "./lib/machine.ts";
import { printTable } from "./lib/table.ts";
import { type Options, optionsHelp, parseCall } from "./options.ts";

try {
  await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { names, options } = parseCall(process.argv.slice(2));
  if (options.help) return console.log(help());
  for (const bench of benchesNamed(names)) await runBench(bench, options);
}

async function runBench(bench: Bench, options: Options): Promise<void> {
  const raw = options.raw === undefined ? null : createWriteStream(options.raw, { flags: "a" });
  const report: Report = {
    line: (text) => console.log(text),
    table: (table) => console.log(printTable(table)),
    raw: (record) => raw?.write(`${JSON.stringify(record)}\n`),
  };
  report.line(`\n${bench.name}: ${bench.measures}\n${machineLine()}`);
  const figure = await bench.run(options, report);
  report.line(`\n${figureLine(figure)}`);
  raw?.end();
}

function help(): string {
  return `npm run bench -- [NAME …] [options]; without a name all of them:\n${list()}\n\n${optionsHelp}`;
}
