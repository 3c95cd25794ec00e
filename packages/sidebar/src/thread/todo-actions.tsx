import { type TodoState, isRunTerminal } from "@orquestra/protocol";
import { useRun } from "../hooks/session.ts";
import { Button } from "../shell/button.tsx";
import { actionLabels } from "../todo/todo-menu.tsx";
import { useTodoActions } from "../todo/use-todo-actions.ts";
import { UnknownQuestion } from "./unknown-question.tsx";

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
