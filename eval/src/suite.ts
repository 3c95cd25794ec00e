import { messageOf } from "@orquestra/core";
import { measure } from "./measure.ts";
import type { Models } from "./models.ts";
import type { Options } from "./options.ts";
import { type Trial, type Verdict, runTask } from "./run-task.ts";
import type { SpendLimit } from "./spend-limit.ts";

export type Suite = Pick<Options, "tasks" | "formats" | "repeat" | "concurrency" | "deadlineMs">;

/** Runs every task in every format as often as wanted, some at a time. Resolves with the verdicts in that order. */
export async function runSuite(
  suite: Suite,
  { models, spend, tell }: { readonly models: Models; readonly spend: SpendLimit; readonly tell: (verdict: Verdict) => void },
): Promise<readonly Verdict[]> {
  const trials = trialsOf(suite, models, spend);
  const verdicts: Verdict[] = [];
  const waiting = trials.entries();
  const work = async (): Promise<void> => {
    for (const [index, trial] of waiting) {
      const verdict = await verdictOf(trial, spend);
      verdicts[index] = verdict;
      tell(verdict);
    }
  };
  await Promise.all(Array.from({ length: suite.concurrency }, work));
  return verdicts;
}

function trialsOf({ tasks, formats, repeat, deadlineMs }: Suite, models: Models, spend: SpendLimit): readonly Trial[] {
  const rounds = Array.from({ length: repeat }, () => formats).flat();
  return rounds.flatMap((format) =>
    tasks.map((task) => ({
      task,
      format,
      deadlineMs,
      model: (tools) => models.modelFor(task, format, tools),
      signal: spend.signal,
      watch: (event) => spend.watch(event),
    })),
  );
}

/** A run that could not be made, or not to its end, counts as failed and says why. */
async function verdictOf(trial: Trial, { signal }: SpendLimit): Promise<Verdict> {
  const { task, format } = trial;
  const nothing = { task: task.name, format, figures: measure([]) };
  const stopped = (): Verdict["wrong"] => ({ "was not stopped": messageOf(signal.reason) });
  if (signal.aborted) return { ...nothing, wrong: stopped() };
  try {
    const verdict = await runTask(trial);
    const failed = Object.keys(verdict.wrong).length > 0;
    return signal.aborted && failed ? { ...verdict, wrong: stopped() } : verdict;
  } catch (error) {
    return { ...nothing, wrong: { "could be run": messageOf(error) } };
  }
}
