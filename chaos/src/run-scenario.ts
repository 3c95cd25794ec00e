import { messageOf } from "@orquestra/core";
import { type Plan, type Scenario, Tally } from "./scenarios/scenario.ts";
import { type Row, rowOf } from "./summary.ts";

/** Runs one scenario and tells what it found. Null where it could not be run here. One that breaks off is a finding of its own. */
export async function runScenario(scenario: Scenario, plan: Omit<Plan, "tally">): Promise<Row | null> {
  const started = performance.now();
  const tally = new Tally();
  plan.tell(`${scenario.name} on ${scenario.on}: ${scenario.does}`);
  try {
    if ((await scenario.run({ ...plan, tally })) === "skipped") return null;
  } catch (error) {
    tally.found({ kind: "wrong", what: `it broke off: ${messageOf(error)}` });
  }
  const { outcome } = tally;
  for (const [said, times] of outcome.refusals) plan.tell(`  refused ${times} times: ${said}`);
  for (const { kind, what } of outcome.findings) plan.tell(`  ${kind.toUpperCase()}: ${what}`);
  return rowOf(scenario, outcome, (performance.now() - started) / 1000);
}
