import type { ApprovalAnswer } from "@orquestra/protocol";
import { applyAnswer } from "./cards.ts";
import { skipTodo } from "./end-todo.ts";
import type { Run } from "./run.ts";
import type { LiveTodo } from "./todo-list.ts";

/** Text for the next turn. A run that waits has its open cards rejected with that text, so that the turn can start. */
export function steer(run: Run, text: string): void {
  run.steers.push({ afterTurn: run.record.turn, text });
  run.post([run.event("run-steered", { text })]);
  for (const approval of run.openApprovals()) close(run, approval.id, { decision: "reject_once", reason: text, by: run.user.id });
  run.notify();
}

/** The run ends: nobody can answer its cards any more. */
export function closeApprovals(run: Run): void {
  for (const approval of run.openApprovals()) close(run, approval.id, { decision: "reject_once", by: "system" });
}

export function skipByHand(run: Run, todo: LiveTodo): void {
  todo.approvalId = null;
  skipTodo(run, todo, "The user skipped it.");
  run.notify();
}

/** What a person knows of a todo whose end nobody saw. */
export function resolveUnknown(run: Run, todo: LiveTodo, outcome: "done" | "run_again" | "skip"): void {
  const todoId = todo.record.id;
  if (outcome === "run_again") run.setTodoStatus(todo, "pending");
  else if (outcome === "skip") skipTodo(run, todo, "The user skipped it after its outcome was unknown.");
  else {
    const label = { integrity: "user", confidentiality: "public" } as const;
    const note = "The user says that it happened.";
    const change = run.patchTodo(todo, { status: "completed", result: { note }, label, note, endedAt: run.now() });
    run.post([run.event("todo-completed", { todoId, preview: { note }, ms: 0 })], [change]);
  }
  run.notify();
}

function close(run: Run, approvalId: string, given: Omit<ApprovalAnswer, "approvalId">): void {
  const approval = run.approvals.get(approvalId);
  if (approval === undefined) return;
  const answer = { ...given, approvalId };
  const record = { ...approval, answer, answeredAt: run.now() };
  run.post([run.event("approval-resolved", { ...answer, kind: approval.kind })], [{ put: "approvals", record }]);
  applyAnswer(run, record);
}
