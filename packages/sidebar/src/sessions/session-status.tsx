import type { RunStatus, SessionItem } from "@orquestra/protocol";
import { useWaiting } from "../approval/pinned-bar.tsx";
import { useActiveRunId, useRun } from "../hooks/session.ts";
import { ago } from "../lib/format.ts";
import { runTone, runWord } from "../lib/status.ts";
import { planCount } from "../plan/fold.ts";

interface StatusProps {
  readonly item: SessionItem;
}

/** What the list says of a session: what it is doing, else when it was last used. */
export function SessionStatus({ item: { status, updatedAt } }: StatusProps) {
  return <StatusLine status={status} updatedAt={updatedAt} progress="" />;
}

/** The open session is known better than the list knows it. */
export function LiveStatus({ item: { status, updatedAt } }: StatusProps) {
  const run = useRun(useActiveRunId() ?? "");
  const waiting = useWaiting().length > 0;
  if (run === undefined) return <StatusLine status={status} updatedAt={updatedAt} progress="" />;
  const { done, total } = planCount(run.todos);
  return (
    <StatusLine
      status={waiting ? "waiting" : run.status}
      updatedAt={updatedAt}
      progress={total === 0 ? "" : ` · ${done}/${total}`}
    />
  );
}

interface LineProps {
  readonly status: RunStatus | null;
  readonly updatedAt: string;
  readonly progress: string;
}

function StatusLine({ status, updatedAt, progress }: LineProps) {
  const telling = status !== null && status !== "completed" && status !== "cancelled";
  return (
    <span className="oq-session-status" data-tone={status === null ? "idle" : runTone(status)}>
      <span className="oq-dot" />
      {telling ? runWord(status) : ago(updatedAt, Date.now())}
      {progress}
      {!telling && status !== null && <span className="oq-said">{runWord(status)}</span>}
    </span>
  );
}
