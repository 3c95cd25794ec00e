import { allows, answerTo, raisePause } from "./cards.ts";
import { type Overrun, type Pause, type Spent, overrun, raised } from "./limits.ts";
import type { Repair } from "./repair.ts";
import type { Run } from "./run.ts";

/** How far a run has come. */
export interface Progress {
  rounds: number;
  cuts: number;
  todosSeen: number;
  steersSeen: number;
  reopenedSeen: number;
  repair: Repair | null;
}

export function newProgress(run: Run): Progress {
  return {
    rounds: run.record.turn,
    cuts: 0,
    todosSeen: run.todos.size,
    steersSeen: 0,
    reopenedSeen: run.reopened,
    repair: null,
  };
}

/** Asks when a limit is used up; false when the person says that it is enough, or the run is stopped meanwhile. */
export async function keepWithinLimits(run: Run, progress: Progress): Promise<boolean> {
  run.pause ??= pauseAtLimit(run, progress);
  if (run.pause === null) return true;
  const { found, approvalId } = run.pause;
  const answer = await answerTo(run, approvalId);
  if (answer === null || !allows(answer.decision)) return false;
  run.pause = null;
  run.short = null;
  run.limits = raised(run.limits, run.allowance, found);
  return keepWithinLimits(run, progress);
}

function pauseAtLimit(run: Run, progress: Progress): Pause | null {
  const found = run.signal.aborted ? null : (overrun(run.limits, spentBy(run, progress)) ?? run.short);
  if (found === null) return null;
  const because = [run.event("budget-reached", found)];
  const approvalId = raisePause(run, { kind: "budget", question: question(found, run.allowance[found.budget]), because });
  return { found, approvalId };
}

function spentBy(run: Run, { rounds }: Progress): Spent {
  const { usage, cost } = run.record;
  const tokens = usage.inputTokens + usage.outputTokens;
  return { rounds, todos: run.todos.size, tokens, cost: cost ?? 0, time: run.worked };
}

const words = {
  rounds: { unit: "model call", did: "made", one: 1 },
  todos: { unit: "todo", did: "made", one: 1 },
  tokens: { unit: "token", did: "used", one: 1 },
  time: { unit: "minute", did: "worked for", one: 60_000 },
} as const;

const dollars = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumFractionDigits: 3 });

function question({ budget, used, limit }: Overrun, more: number): string {
  if (budget === "cost") {
    const [allowed, spent, further] = [limit, used, more].map((amount) => dollars.format(amount));
    return `This run has reached its limit of ${allowed}: it has cost ${spent}. Go on with ${further} more?`;
  }
  const { unit, did, one } = words[budget];
  const count = (amount: number): string => Math.round(amount / one).toLocaleString("en");
  const allowed = `${count(limit)} ${unit}${count(limit) === "1" ? "" : "s"}`;
  return `This run has reached its limit of ${allowed}: it has ${did} ${count(used)}. Go on with ${count(more)} more?`;
}
