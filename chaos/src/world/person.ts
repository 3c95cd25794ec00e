import type { OrquestraClient } from "@orquestra/client";
import type { ApprovalDecision, ApprovalState, RunState, SessionState } from "@orquestra/protocol";
import type { Job } from "./job.ts";
import { effectOf } from "./ledger.ts";
import type { Deeds, Outside } from "./outside.ts";

interface Surroundings {
  readonly client: OrquestraClient;
  readonly outside: Outside;
  readonly jobOf: (runId: string) => Job | undefined;
  /** While it holds, an effect may still happen that the world does not show: nobody can say then that it has not. */
  readonly unsure: () => boolean;
}

type Todo = RunState["todos"][number];

/**
 * Somebody who watches a session and answers what it asks, after a look at the world: what is there already is not allowed
 * again, and a todo whose end nobody saw is done where its effect is there, and runs again where it is not.
 */
export class Person {
  /** Todos of unknown outcome that were settled. */
  unknown = 0;
  /** Refused answers, by what was said. */
  readonly refusals = new Map<string, number>();
  readonly #around: Surroundings;
  readonly #answering = new Set<string>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Answers what is open. Called again and again: an answer that did not get through is given once more. */
  look(state: SessionState): void {
    for (const run of Object.values(state.activeRuns)) {
      for (const approval of run.approvals) if (approval.answer === null) this.#answer(state, run, approval);
      if (this.#around.unsure()) continue;
      for (const todo of run.todos) if (todo.status === "unknown") this.#resolve(state, run, todo);
    }
  }

  #answer({ sessionId }: SessionState, run: RunState, approval: ApprovalState): void {
    const { approvalId, todos } = approval;
    this.#once(approvalId, async () => {
      const deeds = this.#around.outside.look();
      const toolOf = (todoId: string): string => run.todos.find(({ id }) => id === todoId)?.tool ?? "";
      const there = todos.filter((todo) => deeds.times(effectOf(toolOf(todo.todoId), todo.arguments)) > 0);
      const decisions = Object.fromEntries(there.map(({ todoId }): [string, ApprovalDecision] => [todoId, "reject_once"]));
      const decision = this.#isGenerous(run, approval) ? "allow_always" : "allow_once";
      await this.#around.client.command("approval-respond", { approvalId, decision, decisions }, { sessionId });
    });
  }

  /** A standing yes lets through whatever comes again: then only the rule against repeats is between a repeat and the world. */
  #isGenerous({ runId }: RunState, { todos }: ApprovalState): boolean {
    return this.#around.jobOf(runId)?.generous === true && todos.every(({ rule }) => rule !== undefined);
  }

  #resolve({ sessionId }: SessionState, { runId }: RunState, todo: Todo): void {
    this.#once(`${runId} ${todo.id} ${todo.attempt}`, async () => {
      const outcome = hasHappened(this.#around.outside.look(), runId, todo.id) ? "done" : "run_again";
      await this.#around.client.command("todo-resolve", { runId, todoId: todo.id, outcome }, { sessionId });
      this.unknown += 1;
    });
  }

  #once(question: string, answer: () => Promise<void>): void {
    if (this.#answering.has(question)) return;
    this.#answering.add(question);
    const refused = (error: unknown): void => {
      const said = error instanceof Error ? error.message : String(error);
      this.refusals.set(said, (this.refusals.get(said) ?? 0) + 1);
      this.#answering.delete(question);
    };
    answer().catch(refused);
  }
}

/** Arguments of a todo may be results of others: what it was about to do stands in the ledger, if it came so far. */
function hasHappened(deeds: Deeds, runId: string, todoId: string): boolean {
  const begun = deeds.entries.find((entry) => entry.runId === runId && entry.todoId === todoId);
  return begun !== undefined && deeds.times(begun.effect) > 0;
}
