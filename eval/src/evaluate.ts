import { writeFile } from "node:fs/promises";
import { OrquestraError } from "@orquestra/core";
import { type Environment, type Models, openRealModel, openScriptedModels } from "./models.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { SpendLimit } from "./spend-limit.ts";
import { runSuite } from "./suite.ts";
import { hasPassed, summaries } from "./summary.ts";
import { runHeader, runRow, summaryTable } from "./table.ts";
import { tasks } from "./tasks/index.ts";

/** The whole command. Resolves with its exit code. */
export async function evaluate(
  args: readonly string[],
  { environment, print }: { readonly environment: Environment; readonly print: (text: string) => void },
): Promise<number> {
  try {
    const options = readOptions(args);
    if (options.shows !== null) return show(options.shows, print);
    const models = await openModels(options, environment);
    try {
      return await run(options, models, print);
    } finally {
      await models.close();
    }
  } catch (error) {
    if (!(error instanceof OrquestraError)) throw error;
    print(`${error.message}\nnpm run eval -- --help shows all options.`);
    return 1;
  }
}

function show(what: "help" | "list", print: (text: string) => void): number {
  print(what === "help" ? usage : tasks.map(({ name, about }) => `${name.padEnd(20)} ${about}`).join("\n"));
  return 0;
}

async function openModels({ model, wire, paced }: Options, environment: Environment): Promise<Models> {
  return model === "scripted" ? openScriptedModels({ wire, paced }) : openRealModel(model, environment);
}

async function run(options: Options, models: Models, print: (text: string) => void): Promise<number> {
  const { model, wire, cap, jsonFile, atLeast } = options;
  print(model === "scripted" ? `The scripted model over the wire "${wire}": it is no AI and knows the tasks.\n` : `${model}\n`);
  print(runHeader);
  const spend = new SpendLimit(cap);
  const verdicts = await runSuite(options, { models, spend, tell: (verdict) => print(runRow(verdict)) });
  const summary = summaries(verdicts);
  print(`\n${summaryTable(summary)}`);
  if (jsonFile !== null) await writeFile(jsonFile, `${JSON.stringify({ model, wire, summary, verdicts }, null, 2)}\n`);
  const passed = verdicts.filter(hasPassed).length;
  print(`\n${passed} of ${verdicts.length} runs passed.`);
  return passed >= (atLeast ?? verdicts.length) ? 0 : 1;
}
