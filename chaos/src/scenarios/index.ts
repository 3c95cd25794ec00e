import { everyStep } from "./every-step.ts";
import type { Scenario } from "./scenario.ts";

export const scenarios: readonly Scenario[] = [
  {
    name: "every-step",
    on: "pglite",
    does: "SIGKILL right before and right behind each commit",
    run: (plan) => everyStep(plan),
  },
];
