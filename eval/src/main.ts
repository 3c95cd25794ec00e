import { evaluate } from "./evaluate.ts";

process.exitCode = await evaluate(process.argv.slice(2), {
  environment: process.env,
  print: (text) => process.stdout.write(`${text}\n`),
});
