import type { RunState, SessionState } from "@orquestra/protocol";
import { useLater } from "../hooks/use-later.ts";
import { type RevealTarget, useReveal } from "../hooks/reveal.ts";
import { useSession } from "../hooks/session.ts";
import { Button } from "../shell/button.tsx";
import { Mark } from "../shell/mark.tsx";
import { question } from "./sentence.ts";
import { useInSight } from "./sight.ts";
import { stillAsked } from "./still-asked.ts";

/** Something that waits for a person. */
export interface Waiting {
  readonly id: string;
  readonly text: string;
  readonly target: RevealTarget;
}

/** Stands above the composer as long as the first open question is out of sight. */
export function PinnedBar() {
  const waiting = useWaiting();
  const [first] = waiting;
  return first === undefined ? null : <PinnedQuestion waiting={first} others={waiting.length - 1} />;
}

function PinnedQuestion({ waiting, others }: { readonly waiting: Waiting; readonly others: number }) {
  const inSight = useInSight(waiting.id);
  const missed = useLater(!inSight);
  const reveal = useReveal();
  if (inSight || !missed) return null;
  return (
    <div className="oq-pinned">
      <Mark tone="wait" />
      <span className="oq-pinned-text">
        {waiting.text}
        {others > 0 && <span className="oq-muted"> and {others} more</span>}
      </span>
      <Button onClick={() => reveal(waiting.target)}>Show</Button>
    </div>
  );
}

export function useWaiting(): readonly Waiting[] {
  return useSession(waitingIn, sameWaiting) ?? [];
}

function waitingIn(state: SessionState): readonly Waiting[] {
  return Object.values(state.activeRuns).flatMap(waitingOf);
}

/** A question does not change under its id. */
function sameWaiting(a: readonly Waiting[], b: readonly Waiting[]): boolean {
  return a.length === b.length && a.every((waiting, index) => waiting.id === b[index]?.id);
}

function waitingOf(run: RunState): readonly Waiting[] {
  const { runId } = run;
  const cards = run.approvals
    .filter((approval) => approval.answer === null)
    .map((approval) => ({
      id: approval.approvalId,
      text: question(stillAsked(run, approval)),
      target: { runId, approvalId: approval.approvalId },
    }));
  const unknown = run.todos
    .filter((todo) => todo.status === "unknown")
    .map((todo) => ({ id: `${runId}:${todo.id}`, text: `Was this done? ${todo.title}`, target: { runId, todoId: todo.id } }));
  return [...cards, ...unknown];
}
