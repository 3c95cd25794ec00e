import type { ApprovalAnswer, ApprovalState } from "@orquestra/protocol";
import { Icon } from "../shell/icon.tsx";
import { allOf, pauseTitle } from "./sentence.ts";

interface AnsweredProps {
  readonly approval: ApprovalState;
  readonly answer: ApprovalAnswer;
}

/** What became of a card, in one line. */
export function AnsweredLine({ approval, answer }: AnsweredProps) {
  const allowed = allowedCount(approval, answer);
  return (
    <p className="oq-answered" data-allowed={allowed > 0}>
      <Icon name={allowed > 0 ? "check" : "close"} />
      <span>
        {answerText(approval, answer, allowed)}
        {answer.reason !== undefined && answer.reason !== "" && <span className="oq-muted"> “{answer.reason}”</span>}
      </span>
    </p>
  );
}

function allowedCount(approval: ApprovalState, answer: ApprovalAnswer): number {
  if (approval.todos.length === 0) return answer.decision.startsWith("allow") ? 1 : 0;
  return approval.todos.filter((todo) => (answer.decisions?.[todo.todoId] ?? answer.decision).startsWith("allow")).length;
}

function answerText(approval: ApprovalState, answer: ApprovalAnswer, allowed: number): string {
  if (answer.by === "system") return "Not answered: the run ended first.";
  if (approval.todos.length === 0)
    return `${pauseTitle(approval.kind)}: ${allowed > 0 ? "you let it go on." : "you stopped it."}`;
  const always = answer.decision.endsWith("always") ? " from now on" : "";
  const [only] = approval.todos;
  const total = approval.todos.length;
  if (total === 1 && only !== undefined)
    return allowed > 0 ? `You allowed it${always}: ${only.summary}.` : `You said no${always}: ${only.summary}.`;
  if (allowed === 0) return `You said no to ${allOf(total)}${always}.`;
  return allowed === total ? `You allowed ${allOf(total)}${always}.` : `You allowed ${allowed} of ${total}.`;
}
