// The whole test: types, lint, format, architecture, dead code, then every suite with its services. One line says what was run.
import { spawn } from "node:child_process";
import { prepareServices } from "./services.mjs";

const sources = ["packages", "apps", "bench", "examples", "eval", "chaos", "architecture"];
const steps = [
  ["types", "npx", ["tsc", "-p", "tsconfig.check.json"]],
  ["format", "npx", ["oxfmt", "--check", ...sources, "scripts"]],
  ["lint", "npx", ["oxlint", "--type-aware", ...sources]],
  ["architecture", "node", ["scripts/check-architecture.mjs"]],
  ["dead code", "npx", ["knip"]],
];
const suites = [
  ["build", "npm", ["run", "build"]],
  ["tests", "npx", ["vitest", "run"]],
];

const only = process.argv[2];
const environment = only === "check" ? process.env : { ...process.env, ...(await prepareServices()) };
for (const [name, command, args] of only === "check" ? steps : [...steps, ...suites]) {
  const started = performance.now();
  const code = await run(command, args, environment);
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (code !== 0) process.exit(1);
}

function run(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", env });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
