import type { RunState, SessionState } from "@orquestra/protocol";
import { DiffCard } from "../diff/diff-card.tsx";
import { Stat } from "../diff/stat.tsx";
import { useReveal } from "../hooks/reveal.ts";
import { useSession } from "../hooks/session.ts";
import { Argument } from "../shell/argument.tsx";
import { sameItems } from "../hooks/use-readable.ts";
import { todoNumber } from "../lib/format.ts";

/** Every change of the session that can be taken back, newest run first. */
export function ChangesPanel() {
  const runs = useSession(runsWithChanges, sameItems) ?? [];
  if (runs.length === 0) {
    return (
      <div className="oq-score oq-score-empty">
        <h2>No changes yet</h2>
        <p className="oq-muted">
          Every file a run changes appears here, with undo for each change. Nothing is ever overwritten to do so.
        </p>
      </div>
    );
  }
  return (
    <div className="oq-score" tabIndex={0} role="region" aria-label="Changes">
      {runs.map((run) => (
        <RunChanges key={run.runId} run={run} />
      ))}
    </div>
  );
}

/** How many files were changed and not put back. */
export function useChangeCount(): number {
  return useSession(countChanges) ?? 0;
}

function countChanges(state: SessionState): number {
  const standing = runsWithChanges(state).flatMap((run) => run.checkpoints.filter((checkpoint) => !checkpoint.restored));
  return new Set(standing.map((checkpoint) => checkpoint.path)).size;
}

function runsWithChanges(state: SessionState): readonly RunState[] {
  const runs = [...Object.values(state.activeRuns), ...Object.values(state.endedRuns)];
  return runs.filter((run) => run.checkpoints.length > 0).toSorted((a, b) => b.queuedAt.localeCompare(a.queuedAt));
}

function RunChanges({ run }: { readonly run: RunState }) {
  const reveal = useReveal();
  const message = useSession((state) => state.messages)?.find((candidate) => candidate.messageId === run.messageId);
  const todoIds = [...new Set(run.checkpoints.map((checkpoint) => checkpoint.todoId))];
  return (
    <section className="oq-run-changes">
      <h2 className="oq-clip">{message?.text ?? "Changes"}</h2>
      {todoIds.map((todoId) => {
        const checkpoints = run.checkpoints.filter((checkpoint) => checkpoint.todoId === todoId);
        const title = run.todos.find((todo) => todo.id === todoId)?.title ?? todoId;
        return (
          <article key={todoId} className="oq-card" aria-label={title}>
            <button type="button" className="oq-change-head" onClick={() => reveal({ runId: run.runId, todoId })}>
              <span className="oq-faint">{todoNumber(todoId)}</span>
              <strong className="oq-clip">{title}</strong>
              <Argument text={checkpoints.map((checkpoint) => checkpoint.path).join(", ")} />
              <span className="oq-time">
                <Stat
                  added={checkpoints.reduce((sum, checkpoint) => sum + checkpoint.added, 0)}
                  removed={checkpoints.reduce((sum, checkpoint) => sum + checkpoint.removed, 0)}
                  undone={checkpoints.every((checkpoint) => checkpoint.restored)}
                />
              </span>
            </button>
            <DiffCard runId={run.runId} todoId={todoId} />
          </article>
        );
      })}
    </section>
  );
}
