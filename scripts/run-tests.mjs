// The whole test: types, lint, format, architecture, dead code, then every suite with its services. One line says what was run.
import { spawn } from "node:child_process";
import { prepareServices } from "./services.mjs";

const sources = ["packages", "apps", "bench", "examples", "eval", "chaos", "architecture"];
const checks = [
  ["types", "npx", ["tsc", "-p", "tsconfig.check.json"]],
  ["format", "npx", ["oxfmt", "--check", ...sources, "scripts"]],
  ["lint", "npx", ["oxlint", "--type-aware", ...sources]],
  ["architecture", "node", ["scripts/check-architecture.mjs"]],
  ["dead code", "npx", ["knip"]],
];
const build = [["build", "npm", ["run", "build"]]];
const tests = [["tests", "npx", ["vitest", "run"]]];

if (process.argv[2] === "check") await allPass([checks], process.env);
else {
  // Programs that tests start are those just built: they start in half the time.
  const environment = { ...process.env, ...(await prepareServices()), ORQUESTRA_TEST_BUILT: "1" };
  await allPass([checks, build], environment);
  await allPass([tests], environment);
}

/** Each lane step by step, the lanes side by side; a step that fails ends its lane, and all of it when the others are through. */
async function allPass(lanes, environment) {
  const passed = await Promise.all(lanes.map((steps) => passes(steps, environment)));
  if (passed.includes(false)) process.exit(1);
}

async function passes(steps, environment) {
  for (const [name, command, args] of steps) {
    const started = performance.now();
    const code = await run(command, args, environment);
    console.log(`${code === 0 ? "ok  " : "FAIL"} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    if (code !== 0) return false;
  }
  return true;
}

function run(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", env });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
