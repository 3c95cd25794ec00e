import { ask, allows } from "./cards.ts";
import { type Overrun, type RunLimits, type Spent, overrun, raised } from "./limits.ts";
import type { Repair } from "./repair.ts";
import type { Run } from "./run.ts";

/** How far a run has come. */
export interface Progress {
  rounds: number;
  cuts: number;
  todosSeen: number;
  steersSeen: number;
  repair: Repair | null;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly granted: RunLimits;
}

export function newProgress(run: Run): Progress {
  const started = run.clock.now();
  return {
    rounds: run.record.turn,
    cuts: 0,
    todosSeen: run.todos.size,
    steersSeen: 0,
    repair: null,
    started,
    granted: run.limits,
  };
}

/** Asks when a limit is used up; false when the person says that it is enough. */
export async function keepWithinLimits(run: Run, progress: Progress): Promise<boolean> {
  const found = overrun(run.limits, spentBy(run, progress));
  if (found === null) return true;
  run.post([run.event("budget-reached", found)]);
  const answer = await ask(run, "budget", question(found));
  if (answer === null || !allows(answer.decision)) return false;
  run.limits = raised(run.limits, progress.granted, found.budget);
  return keepWithinLimits(run, progress);
}

function spentBy(run: Run, { rounds, started }: Progress): Spent {
  const { inputTokens, outputTokens } = run.record.usage;
  return { rounds, todos: run.todos.size, tokens: inputTokens + outputTokens, time: run.clock.now() - started - run.waited };
}

function question({ budget, used, limit }: Overrun): string {
  const words = { rounds: "model calls", todos: "todos", tokens: "tokens", time: "milliseconds of work" };
  return `This run has used ${used.toLocaleString("en")} of ${limit.toLocaleString("en")} ${words[budget]}. Go on with as many again?`;
}
