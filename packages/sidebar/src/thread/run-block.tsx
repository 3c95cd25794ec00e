import { type RunState, isRunTerminal } from "@orquestra/protocol";
import { ApprovalCard } from "../approval/approval-card.tsx";
import { useRun } from "../hooks/session.ts";
import { Mark } from "../shell/mark.tsx";
import { PartView } from "./part-view.tsx";
import { ReadsCard } from "./reads-card.tsx";
import { RunEnd } from "./run-end.tsx";
import { type Segment, segmentsOf } from "./segments.ts";
import { TodoCard } from "./todo-card.tsx";

/** Everything a run did, in order. */
export function RunBlock({ runId }: { readonly runId: string }) {
  const run = useRun(runId);
  if (run === undefined || run.status === "queued") return null;
  const { past, waiting } = segmentsOf(run);
  const view = (segment: Segment) => <SegmentView key={segment.key} runId={runId} segment={segment} />;
  return (
    <div className="oq-run">
      {run.steers.map((text, index) => (
        // Only ever appended, so a place is an identity.
        <div key={index} className="oq-you" data-kind="steer">
          <span className="oq-small oq-faint">said meanwhile</span>
          <p>{text}</p>
        </div>
      ))}
      {past.map(view)}
      {run.notices.map((text, index) => (
        <p key={index} className="oq-notice">
          {text}
        </p>
      ))}
      {waiting.map(view)}
      {isQuiet(run) && (
        <p className="oq-thinking">
          <Mark tone="run" /> Thinking
        </p>
      )}
      {isRunTerminal(run.status) && <RunEnd run={run} />}
    </div>
  );
}

/** Running, and nothing on the screen says with what: the model has been asked and has not begun to answer. */
function isQuiet(run: RunState): boolean {
  if (run.status !== "running") return false;
  const speaks = run.parts.some((part) => part.status === "open" && part.text !== "");
  return !speaks && !run.todos.some((todo) => todo.status === "running");
}

function SegmentView({ runId, segment }: { readonly runId: string; readonly segment: Segment }) {
  switch (segment.kind) {
    case "part":
      return <PartView partId={segment.partId} />;
    case "reads":
      return <ReadsCard runId={runId} todoIds={segment.todoIds} />;
    case "todo":
      return <TodoCard runId={runId} todoId={segment.todoId} />;
    case "approval":
      return <ApprovalCard runId={runId} approvalId={segment.approvalId} />;
  }
}
