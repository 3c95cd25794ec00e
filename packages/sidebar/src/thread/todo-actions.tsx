import { type TodoState, isRunTerminal } from "@orquestra/protocol";
import { useRef } from "react";
import { useReportSight } from "../approval/sight.ts";
import { useRun } from "../hooks/session.ts";
import { useCommand } from "../hooks/use-command.ts";
import { Button } from "../shell/button.tsx";
import { actionLabels } from "../todo/todo-menu.tsx";
import { useTodoActions } from "../todo/use-todo-actions.ts";

interface TodoActionsProps {
  readonly runId: string;
  readonly todo: TodoState;
}

/** What a person can do about a todo that does not go on by itself. */
export function TodoActions({ runId, todo }: TodoActionsProps) {
  const run = useRun(runId);
  if (run === undefined || isRunTerminal(run.status) || todo.line !== null) return null;
  if (todo.status === "unknown") return <UnknownQuestion runId={runId} todo={todo} />;
  return todo.status === "failed" ? <AfterFailure runId={runId} todo={todo} /> : null;
}

/** A failure is the one end a person mostly wants to do something about, so its buttons are there in words. */
function AfterFailure({ runId, todo }: TodoActionsProps) {
  const { actions, act, pending, error } = useTodoActions(runId, todo);
  if (actions.length === 0) return null;
  return (
    <div className="oq-actions">
      {actions.map((action) => (
        <Button key={action} look={action === "retry" ? "plain" : "quiet"} disabled={pending} onClick={() => act(action)}>
          {actionLabels[action]}
        </Button>
      ))}
      {error !== null && (
        <p className="oq-bad" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

/** After a crash nobody but the person can know whether the effect happened. */
function UnknownQuestion({ runId, todo }: TodoActionsProps) {
  const box = useRef<HTMLDivElement>(null);
  const { state, send } = useCommand("todo-resolve");
  useReportSight(`${runId}:${todo.id}`, box);
  const target = { runId, todoId: todo.id };
  return (
    <div ref={box} className="oq-actions" role="group" aria-label="Was it done?">
      <p>It was interrupted, and nobody can tell from here whether it was done. Please look, then say:</p>
      <Button onClick={() => send({ ...target, outcome: "done" })}>It was done</Button>
      <Button onClick={() => send({ ...target, outcome: "run_again" })}>Run it again</Button>
      <Button look="quiet" onClick={() => send({ ...target, outcome: "skip" })}>
        Skip it
      </Button>
      {state.status === "failed" && <p className="oq-bad">{state.message}</p>}
    </div>
  );
}
