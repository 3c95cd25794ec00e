import { type ApprovalAnswer, isRunTerminal, isTodoTerminal } from "@orquestra/protocol";
import type { Steer } from "../../context/index.ts";
import { applyAnswer, noteClosed } from "./cards.ts";
import { cancelTodo, skipTodo } from "./end-todo.ts";
import { changesOnlyFiles, startedWith } from "./repeats.ts";
import type { Run } from "./run.ts";
import { byUser } from "./running-call.ts";
import type { LiveTodo } from "./todo-list.ts";

/** Text for the next turn; a run that is about to end has one more. */
export function steer(run: Run, text: string): Steer {
  const steered = { afterTurn: run.record.turn, text };
  run.steers.push(steered);
  return steered;
}

/** The text was never written: it is as if nobody had said it. */
export function takeBackSteer(run: Run, steered: Steer): void {
  const place = run.steers.indexOf(steered);
  if (place >= 0) run.steers.splice(place, 1);
}

/** The cards of a run that waits are rejected with the text, so that its turn can start. Pauses stay: only their own answer ends them. */
export function makeWayFor(run: Run, { text }: Steer): void {
  for (const { id, kind } of run.openApprovals()) {
    if (kind === "effects" || kind === "repeat") close(run, id, { decision: "reject_once", reason: text, by: run.user.id });
  }
  run.notify();
}

/** The run ends: nobody can answer its cards any more. */
export function closeApprovals(run: Run): void {
  for (const approval of run.openApprovals()) close(run, approval.id, { decision: "reject_once", by: "system" });
}

/** That it is to stop is in its row before it does, so that it stays stopped where the process dies before its tools have. */
export function intendStop(run: Run): void {
  if (!isRunTerminal(run.record.status)) run.post([], [run.patch({ stopReason: "cancelled" })]);
}

/** What runs or has ended cannot be left out any more. */
export function isSkippable({ record }: LiveTodo): boolean {
  return record.status !== "running" && !isTodoTerminal(record.status);
}

/** Ends what runs of it, or what waits to be tried again; the run goes on without it. False where there is nothing to end. */
export function stopByHand(run: Run, todo: LiveTodo): boolean {
  const { record, running, children } = todo;
  const family = record.status === "running" ? (children ?? []).flatMap((id) => run.todos.get(id) ?? []) : [];
  for (const child of family) if (!stopByHand(run, child)) cancelTodo(run, child, byUser);
  const isTriedAgain = record.status === "pending" && record.attempt > todo.attemptsBefore;
  if (running !== null) {
    // So that it stays stopped where the process dies before its tool has ended.
    run.post([run.event("todo-updated", { todoId: record.id, stopping: true })]);
    running.stop(byUser);
  } else if (isTriedAgain) cancelTodo(run, todo, byUser);
  run.lookOver();
  return running !== null || isTriedAgain || family.length > 0;
}

/** A card that asks for nothing else any more goes with it. */
export function skipByHand(run: Run, todo: LiveTodo): void {
  const { approvalId } = todo;
  todo.approvalId = null;
  skipTodo(run, todo, "The user skipped it.");
  const card = approvalId === null ? undefined : run.approvals.get(approvalId);
  const asked = (card?.todos ?? []).flatMap(({ todoId }) => run.todos.get(todoId) ?? []);
  if (card?.answer === null && !asked.some(isSkippable)) close(run, card.id, { decision: "reject_once", by: run.user.id });
  run.lookOver();
  run.notify();
}

/** What a person knows of a todo whose end nobody saw. */
export function resolveUnknown(run: Run, todo: LiveTodo, outcome: "done" | "run_again" | "skip"): void {
  const todoId = todo.record.id;
  if (outcome === "run_again") runAgain(run, todo);
  else if (outcome === "skip") skipTodo(run, todo, "The user skipped it after its outcome was unknown.");
  else {
    const label = { integrity: "user", confidentiality: "public" } as const;
    const note = "The user says that it happened.";
    const change = run.patchTodo(todo, { status: "completed", result: { note }, label, note, endedAt: run.now() });
    run.post([run.event("todo-completed", { todoId, preview: { note }, ms: 0 })], [change]);
  }
  run.lookOver();
  run.notify();
}

/**
 * Who wants it again was shown what it is, so it is not asked a second time, as long as only a file is changed: what destroys,
 * runs, sends or spends asks as any repetition of it does.
 */
function runAgain(run: Run, todo: LiveTodo): void {
  const call = startedWith(run, todo, todo.record.args);
  if (call !== null && changesOnlyFiles(todo)) {
    run.calls.takeBack(call);
    run.allowAgain(todo.record.id);
  }
  run.setTodoStatus(todo, "pending");
}

function close(run: Run, approvalId: string, given: Omit<ApprovalAnswer, "approvalId">): void {
  const approval = run.approvals.get(approvalId);
  if (approval === undefined) return;
  const answer = { ...given, approvalId };
  const record = { ...approval, answer, answeredAt: run.now() };
  noteClosed(run, answer);
  run.post([run.event("approval-resolved", { ...answer, kind: approval.kind })], [{ put: "approvals", record }]);
  applyAnswer(run, record);
}
