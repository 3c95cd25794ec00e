import type { OrquestraEvent, PlanFormat } from "@orquestra/protocol";
import { type AnyTool, type LanguageModel, createOrquestra, inMemoryWorkspaceTrust } from "@orquestra/core";
import { type Check, endsWell, onlyChanges, sendsOnly } from "./checks.ts";
import { converse } from "./converse.ts";
import { type Figures, measure } from "./measure.ts";
import { type Outcome, answerOf, endOf, runsOf, todosOf, turnsOf } from "./outcome.ts";
import { type Person, type Task, exchangesOf, personOf } from "./task.ts";
import { type Workbench, openWorkbench } from "./workbench.ts";

export interface Trial {
  readonly task: Task;
  readonly format: PlanFormat;
  /** The model for this run, told which tools it has. */
  readonly model: (tools: readonly AnyTool[]) => LanguageModel;
  readonly deadlineMs: number;
  /** Absent: one who allows what the task needs. */
  readonly person?: Person;
  readonly signal?: AbortSignal;
  readonly watch?: (event: OrquestraEvent) => void;
}

export interface Verdict {
  readonly task: string;
  readonly format: PlanFormat;
  /** Each check that does not hold, by its name, with what is wrong; none: it passed. */
  readonly wrong: { readonly [check: string]: string };
  readonly figures: Figures;
}

/** Runs a task in an engine and a folder of its own, and judges what is left. */
export async function runTask(trial: Trial): Promise<Verdict> {
  const { task, format } = trial;
  const workbench = await openWorkbench(task);
  try {
    const before = await workbench.files();
    const events = await carryOut(trial, workbench);
    const last = runsOf(events).at(-1) ?? [];
    const outcome: Outcome = {
      answer: answerOf(last),
      before,
      after: await workbench.files(),
      todos: todosOf(last),
      turns: turnsOf(last),
      sent: workbench.sent,
      end: endOf(last),
    };
    return { task: task.name, format, wrong: judge(checksOf(task), outcome), figures: measure(events) };
  } finally {
    await workbench.close();
  }
}

/** Its own checks, and what holds of every task. */
export function checksOf({ checks, allowed = {}, pages }: Task): readonly Check[] {
  const web = pages === undefined ? [] : [sendsOnly(allowed.addresses ?? [])];
  return [endsWell, onlyChanges(allowed.files ?? []), ...web, ...checks];
}

function judge(checks: readonly Check[], outcome: Outcome): Verdict["wrong"] {
  const wrong = checks.map((check) => [check.name, check.wrong(outcome)] as const);
  return Object.fromEntries(wrong.filter((entry): entry is readonly [string, string] => entry[1] !== null));
}

async function carryOut(trial: Trial, { root, tools, commands }: Workbench): Promise<readonly OrquestraEvent[]> {
  const { task, format, deadlineMs, person = personOf(task.allowed ?? {}), signal } = trial;
  const model = trial.model(tools);
  const trust = inMemoryWorkspaceTrust();
  await trust.set(root, true);
  const orquestra = await createOrquestra({
    models: model,
    tools,
    sandbox: commands,
    trust,
    workspaces: { start: root, list: () => [root] },
  });
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    return await converse(orquestra, {
      session: { mode: task.mode ?? "workspace", planFormat: format },
      messages: exchangesOf(task, task.solution).map(({ message }) => message),
      attached: task.attached ?? [],
      person,
      signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
      ...(trial.watch === undefined ? {} : { watch: trial.watch }),
    });
  } finally {
    await orquestra.close();
  }
}
