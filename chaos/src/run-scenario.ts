import { messageOf } from "@orquestra/core";
import type { Plan, Scenario } from "./scenarios/scenario.ts";
import { type Row, rowOf } from "./summary.ts";

/** Runs one scenario and tells what it found. Null where it could not be run here. One that breaks off is a finding of its own. */
export async function runScenario(scenario: Scenario, plan: Plan): Promise<Row | null> {
  const started = performance.now();
  plan.tell(`${scenario.name} on ${scenario.on}: ${scenario.does}`);
  const nothing = {
    faults: 0,
    messages: 0,
    runs: 0,
    todos: 0,
    effects: 0,
    unknown: 0,
    refusals: new Map<string, number>(),
    recoveries: [],
  };
  const outcome = await scenario.run(plan).catch((error: unknown) => ({
    ...nothing,
    findings: [{ kind: "wrong" as const, what: `it broke off: ${messageOf(error)}` }],
  }));
  if (outcome === null) return null;
  for (const [said, times] of outcome.refusals) plan.tell(`  refused ${times} times: ${said}`);
  for (const { kind, what } of outcome.findings) plan.tell(`  ${kind.toUpperCase()}: ${what}`);
  return rowOf(scenario, outcome, (performance.now() - started) / 1000);
}
