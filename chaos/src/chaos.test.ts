import { describe, expect, it } from "vitest";
import { runScenario } from "./run-scenario.ts";
import { scenarios } from "./scenarios/index.ts";

const seed = Number(process.env["ORQUESTRA_TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const patience = { timeout: 120_000 };

/** The short form: a few faults each. `npm run chaos` makes hundreds. */
async function short(name: string, on: string, faults: number) {
  const scenario = scenarios.find((one) => one.name === name && one.on === on);
  if (scenario === undefined) throw new Error(`there is no ${name} on ${on}`);
  const told: string[] = [];
  const plan = { seed, faults, pause: 400, steps: faults, time: 10_000, tell: (line: string) => void told.push(line) };
  const row = await runScenario(scenario, plan);
  return { row, told: [`seed ${seed} (ORQUESTRA_TEST_SEED=${seed} repeats it)`, ...told].join("\n") };
}

describe("nothing is lost or done twice", () => {
  it.each([
    ["every-step", "pglite", 2],
    ["client-cuts", "pglite", 8],
    ["random-kills", "postgres", 2],
    ["database-outages", "postgres", 10],
  ])("by %s on %s", patience, async (name, on, faults) => {
    const { row, told } = await short(name, on, faults);
    if (row === null) return console.warn(told);
    expect(row, told).toMatchObject({ lost: 0, doubled: 0, wrong: 0 });
    expect(row.messages, told).toBeGreaterThan(0);
    expect(row.faults, told).toBeGreaterThan(0);
  });
});
