import { type RunState, type SessionState, findRun } from "@orquestra/protocol";
import { useEffect, useRef, useState } from "react";
import { type Waiting, useWaiting } from "../approval/pinned-bar.tsx";
import { shownRunId, useSession } from "../hooks/session.ts";
import { todoWord } from "../lib/status.ts";
import { planCount } from "../plan/fold.ts";

/** Tells screen readers what a glance tells others: todos that ended politely, questions at once. Never text as it streams. */
export function Announcer() {
  const run = useSession(shownRun, sameTodos);
  const waiting = useWaiting();
  return (
    <>
      <div className="oq-said" role="status">
        {useEnded(run)}
      </div>
      <div className="oq-said" role="alert">
        {useAsked(waiting)}
      </div>
    </>
  );
}

function shownRun(state: SessionState): RunState | null {
  const runId = shownRunId(state);
  return runId === null ? null : (findRun(state, runId) ?? null);
}

function sameTodos(a: RunState | null, b: RunState | null): boolean {
  return a?.runId === b?.runId && a?.todos === b?.todos;
}

/** The todos that ended since the last time. What had ended before the page opened is no news. */
function useEnded(run: RunState | null): string {
  const [said, setSaid] = useState("");
  const last = useRef<RunState | null | "nothing">("nothing");
  useEffect(() => {
    const before = last.current;
    last.current = run;
    if (run === null || before === "nothing") return;
    const text = newlyEnded(before?.runId === run.runId ? before.todos : [], run);
    if (text !== null) setSaid(text);
  }, [run]);
  return said;
}

/** The question that came last; empty when none is open. */
function useAsked(waiting: readonly Waiting[]): string {
  const [said, setSaid] = useState("");
  const known = useRef<ReadonlySet<string> | null>(null);
  const ids = waiting.map(({ id }) => id).join(" ");
  useEffect(() => {
    const before = known.current;
    known.current = new Set(waiting.map(({ id }) => id));
    const news = before === null ? undefined : waiting.find(({ id }) => !before.has(id));
    if (news !== undefined) setSaid(news.text);
    else if (waiting.length === 0) setSaid("");
    // Only which questions are open counts, not when they are rendered again.
  }, [ids]);
  return said;
}

const told = new Set(["completed", "failed"]);

function newlyEnded(before: RunState["todos"], run: RunState): string | null {
  if (before === run.todos) return null;
  const old = new Map(before.map((todo) => [todo.id, todo.status]));
  const ended = run.todos.filter(
    (todo) => todo.parent === undefined && told.has(todo.status) && old.get(todo.id) !== todo.status,
  );
  if (ended.length === 0) return null;
  const { done, total } = planCount(run.todos);
  return `${done} of ${total} done. ${ended.map((todo) => `${todo.title}: ${todoWord(todo.status)}`).join(". ")}`;
}
