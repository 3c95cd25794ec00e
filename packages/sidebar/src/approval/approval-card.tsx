import type { ApprovalState } from "@orquestra/protocol";
import { useRun } from "../hooks/session.ts";
import { AnsweredLine } from "./answered-line.tsx";
import { EffectsCard } from "./effects-card.tsx";
import { PauseCard } from "./pause-card.tsx";
import { ProposedChanges } from "./proposed-changes.tsx";

interface ApprovalProps {
  readonly runId: string;
  readonly approvalId: string;
}

/** A question to the person, or what was answered. */
export function ApprovalCard({ runId, approvalId }: ApprovalProps) {
  const approval = useRun(runId)?.approvals.find((candidate) => candidate.approvalId === approvalId);
  return approval === undefined ? null : <ApprovalView runId={runId} approval={approval} />;
}

function ApprovalView({ runId, approval }: { readonly runId: string; readonly approval: ApprovalState }) {
  if (approval.answer !== null) return <AnsweredLine approval={approval} answer={approval.answer} />;
  if (approval.todos.length === 0) return <PauseCard approval={approval} />;
  return (
    <>
      <ProposedChanges runId={runId} approval={approval} />
      <EffectsCard runId={runId} approval={approval} />
    </>
  );
}
