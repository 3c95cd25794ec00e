import type { RunState, SessionState } from "@orquestra/protocol";
import { findRun } from "@orquestra/protocol";
import { useEffect, useRef, useState } from "react";
import { question } from "../approval/sentence.ts";
import { shownRunId, useSession } from "../hooks/session.ts";
import { todoWord } from "../lib/status.ts";
import { planCount } from "../plan/fold.ts";

/** Tells screen readers what a glance at the plan tells others: todos that ended politely, questions at once. Never text as it streams. */
export function Announcer() {
  const run = useSession(shownRun);
  const [polite, setPolite] = useState("");
  const [urgent, setUrgent] = useState("");
  const last = useRef<RunState | null>(null);
  useEffect(() => {
    const before = last.current;
    last.current = run ?? null;
    if (run == null || before === null || before.runId !== run.runId) return;
    const ended = newlyEnded(before, run);
    if (ended !== null) setPolite(ended);
    const asked = run.approvals.find(
      (approval) => approval.answer === null && !before.approvals.some((old) => old.approvalId === approval.approvalId),
    );
    if (asked !== undefined) setUrgent(question(asked));
    else if (run.approvals.every((approval) => approval.answer !== null)) setUrgent("");
  }, [run]);
  return (
    <>
      <div className="oq-said" role="status">
        {polite}
      </div>
      <div className="oq-said" role="alert">
        {urgent}
      </div>
    </>
  );
}

function shownRun(state: SessionState): RunState | null {
  const runId = shownRunId(state);
  return runId === null ? null : (findRun(state, runId) ?? null);
}

const told = new Set(["completed", "failed", "unknown"]);

function newlyEnded(before: RunState, run: RunState): string | null {
  if (before.todos === run.todos) return null;
  const old = new Map(before.todos.map((todo) => [todo.id, todo.status]));
  const ended = run.todos.filter(
    (todo) => todo.parent === undefined && told.has(todo.status) && old.get(todo.id) !== todo.status,
  );
  const [first] = ended;
  if (first === undefined) return null;
  const { done, total } = planCount(run.todos);
  return `${done} of ${total} done. ${ended.map((todo) => `${todo.title}: ${todoWord(todo.status)}`).join(". ")}`;
}
