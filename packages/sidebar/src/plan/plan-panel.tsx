import type { RunState } from "@orquestra/protocol";
import { useId, useState } from "react";
import { useNow } from "../hooks/use-now.ts";
import { useRun, useShownRunId } from "../hooks/session.ts";
import { duration } from "../lib/format.ts";
import { workedMs } from "../lib/worked.ts";
import { Icon } from "../shell/icon.tsx";
import { Mark } from "../shell/mark.tsx";
import { type PlanRow, planCount, planRows } from "./fold.ts";
import { PlanLine } from "./plan-line.tsx";

/** The plan of the run at hand: always visible, one line a todo. Nothing while there is no plan. */
export function PlanPanel() {
  const runId = useShownRunId();
  return runId === null ? null : <PlanOf key={runId} runId={runId} />;
}

function PlanOf({ runId }: { readonly runId: string }) {
  const run = useRun(runId);
  const [folded, setFolded] = useState(false);
  const [doneOpen, setDoneOpen] = useState(false);
  const list = useId();
  if (run === undefined || run.todos.length === 0) return null;
  const toggleDone = (): void => setDoneOpen(!doneOpen);
  return (
    <section className="oq-plan" aria-label="Plan">
      <button
        type="button"
        className="oq-plan-head"
        aria-expanded={!folded}
        aria-controls={list}
        onClick={() => setFolded(!folded)}
      >
        <strong>Plan</strong>
        <PlanSummary run={run} />
        <Icon name="down" />
      </button>
      <ol id={list} hidden={folded}>
        {planRows(run.todos, doneOpen).map((row) =>
          row.kind === "done" ? (
            <DoneLine key="done" row={row} open={doneOpen} onToggle={toggleDone} />
          ) : (
            <PlanLine key={row.todo.id} runId={runId} row={row} />
          ),
        )}
      </ol>
    </section>
  );
}

function PlanSummary({ run }: { readonly run: RunState }) {
  const { done, total, failed } = planCount(run.todos);
  return (
    <span className="oq-plan-sum">
      {failed > 0 && <span className="oq-bad">{failed} failed · </span>}
      {done} of {total}
      <RunTime run={run} />
    </span>
  );
}

/** How long the run worked, or works so far. It stands still while the run waits for a person. */
function RunTime({ run }: { readonly run: RunState }) {
  const now = useNow(run.status === "running");
  const worked = workedMs(run, now);
  return worked === 0 ? null : ` · ${duration(worked)}`;
}

interface DoneLineProps {
  readonly row: Extract<PlanRow, { kind: "done" }>;
  readonly open: boolean;
  readonly onToggle: () => void;
}

function DoneLine({ row, open, onToggle }: DoneLineProps) {
  return (
    <li>
      <button type="button" className="oq-todo" aria-expanded={open} onClick={onToggle}>
        <Mark tone="ok" />
        <span className="oq-muted">{row.todos.length} done</span>
        <span className="oq-todo-end">{duration(row.ms)}</span>
      </button>
    </li>
  );
}
