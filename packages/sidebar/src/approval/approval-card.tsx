import { useRun } from "../hooks/session.ts";
import { AnsweredLine } from "./answered-line.tsx";
import { EffectsCard } from "./effects-card.tsx";
import { PauseCard } from "./pause-card.tsx";
import { ProposedChanges } from "./proposed-changes.tsx";
import { stillAsked } from "./still-asked.ts";

interface ApprovalProps {
  readonly runId: string;
  readonly approvalId: string;
}

/** A question to the person, or what was answered. */
export function ApprovalCard({ runId, approvalId }: ApprovalProps) {
  const run = useRun(runId);
  const approval = run?.approvals.find((candidate) => candidate.approvalId === approvalId);
  if (run === undefined || approval === undefined) return null;
  if (approval.answer !== null) return <AnsweredLine run={run} approval={approval} answer={approval.answer} />;
  if (approval.todos.length === 0) return <PauseCard approval={approval} />;
  const asked = stillAsked(run, approval);
  return (
    <>
      <ProposedChanges runId={runId} approval={asked} />
      <EffectsCard runId={runId} approval={asked} />
    </>
  );
}
