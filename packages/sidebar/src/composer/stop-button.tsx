import { useRun } from "../hooks/session.ts";
import { useCommand } from "../hooks/use-command.ts";
import { Button } from "../shell/button.tsx";

/** Stops the run; what was written and done so far stays. Esc does the same. */
export function StopButton({ runId }: { readonly runId: string }) {
  const { state, send } = useCommand("run-cancel");
  const run = useRun(runId);
  if (run === undefined) return null;
  const stopping = state.status === "pending";
  return (
    <Button
      disabled={stopping}
      onClick={() => send({ runId })}
      title={state.status === "failed" ? state.message : "Stop the run"}
    >
      {stopping ? "Stopping…" : "Stop"} <kbd>Esc</kbd>
    </Button>
  );
}
