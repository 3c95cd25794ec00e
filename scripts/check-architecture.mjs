// A green check that read nothing is worse than none: dependency-cruiser reports success on 0 modules when it cannot parse TypeScript.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const rooms = ["packages", "apps"].flatMap((folder) => [`${folder}/*/src/**/*.ts`, `${folder}/*/src/**/*.tsx`]);
const folders = ["packages", "apps", "bench/src", "examples", "eval/src", "chaos/src"];
const patterns = [...rooms, "bench/src/**/*.ts", "examples/**/*.ts", "eval/src/**/*.ts", "chaos/src/**/*.ts"];
const sources = execFileSync("git", ["ls-files", ...patterns], { encoding: "utf8" })
  .trim()
  .split("\n").length;
const report = execFileSync(
  "npx",
  ["depcruise", ...folders.filter((folder) => existsSync(folder)), "--config", ".dependency-cruiser.mjs", "-T", "json"],
  {
    maxBuffer: 1e9,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  },
);
const { summary } = JSON.parse(report);
for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} → ${to}`);
console.log(`${summary.totalCruised} modules cruised, ${sources} sources, ${summary.error} violations`);
if (summary.totalCruised < sources || summary.error > 0) process.exit(1);
