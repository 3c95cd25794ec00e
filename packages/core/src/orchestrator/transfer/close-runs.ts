import { type NewEvent, type RunState, type SessionState, isTodoTerminal } from "@orquestra/protocol";

export const notCarriedOn = "It was brought here from elsewhere before it had ended.";

/** What ends the runs that had not ended where the session comes from: nothing of them is ever carried out here. */
export function closingEvents({ activeRuns }: SessionState): readonly NewEvent[] {
  return Object.values(activeRuns).flatMap((run) => [
    ...ofParts(run),
    ...ofApprovals(run),
    ...ofTodos(run),
    { type: "run-cancelled", runId: run.runId, data: {} } as const,
  ]);
}

function ofParts({ runId, parts }: RunState): readonly NewEvent[] {
  const open = parts.filter(({ status }) => status === "open");
  return open.map(({ partId, text }) => ({ type: "part-closed", runId, data: { partId, text, cut: true } }));
}

function ofApprovals({ runId, approvals }: RunState): readonly NewEvent[] {
  const open = approvals.filter(({ answer }) => answer === null);
  return open.map(({ approvalId }) => ({
    type: "approval-resolved",
    runId,
    data: { approvalId, decision: "reject_once", by: "system" },
  }));
}

function ofTodos({ runId, todos }: RunState): readonly NewEvent[] {
  const open = todos.filter(({ status }) => !isTodoTerminal(status));
  return open.map(({ id }) => ({ type: "todo-cancelled", runId, data: { todoId: id, reason: notCarriedOn } }));
}
