import type { ApprovalAnswer, ApprovalState, RunState } from "@orquestra/protocol";
import { Icon } from "../shell/icon.tsx";
import { allOf, pauseTitle } from "./sentence.ts";

interface AnsweredProps {
  readonly run: RunState;
  readonly approval: ApprovalState;
  readonly answer: ApprovalAnswer;
}

/** What became of a card, in one line. */
export function AnsweredLine({ run, approval, answer }: AnsweredProps) {
  const allowed = allowedCount(approval, answer);
  const changed = allowed === 0 && answer.by !== "system" && isOvertaken(run, approval);
  return (
    <p className="oq-answered" data-allowed={allowed > 0}>
      <Icon name={allowed > 0 ? "check" : "close"} />
      <span>
        {changed ? "Closed: what it asked for was changed." : answerText(approval, answer, allowed)}
        {!changed && answer.reason !== undefined && answer.reason !== "" && <span className="oq-muted"> “{answer.reason}”</span>}
      </span>
    </p>
  );
}

/** Something on it was edited, so nobody said no to it: what a person refuses is skipped, and this goes on or went on. */
function isOvertaken(run: RunState, { approvalId, todos }: ApprovalState): boolean {
  const later = run.approvals.slice(run.approvals.findIndex((other) => other.approvalId === approvalId) + 1);
  const isOnLater = (todoId: string): boolean => later.some((other) => other.todos.some((todo) => todo.todoId === todoId));
  const isSkipped = (todoId: string): boolean => run.todos.some(({ id, status }) => id === todoId && status === "skipped");
  return todos.length > 0 && todos.every(({ todoId }) => isOnLater(todoId) || !isSkipped(todoId));
}

function allowedCount(approval: ApprovalState, answer: ApprovalAnswer): number {
  if (approval.todos.length === 0) return answer.decision.startsWith("allow") ? 1 : 0;
  return approval.todos.filter((todo) => (answer.decisions?.[todo.todoId] ?? answer.decision).startsWith("allow")).length;
}

function answerText(approval: ApprovalState, answer: ApprovalAnswer, allowed: number): string {
  if (answer.by === "system") return "Not answered: the run ended first.";
  if (approval.todos.length === 0)
    return `${pauseTitle(approval.kind)}: ${allowed > 0 ? "you let it go on." : "you stopped it."}`;
  const always = answer.decision.endsWith("always") ? " from now on" : answer.scope === "plan" ? " for this run" : "";
  const [only] = approval.todos;
  const total = approval.todos.length;
  if (total === 1 && only !== undefined)
    return allowed > 0 ? `You allowed it${always}: ${only.summary}.` : `You said no${always}: ${only.summary}.`;
  if (allowed === 0) return `You said no to ${allOf(total)}${always}.`;
  return allowed === total ? `You allowed ${allOf(total)}${always}.` : `You allowed ${allowed} of ${total}.`;
}
