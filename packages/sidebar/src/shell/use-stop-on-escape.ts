import { isRunTerminal } from "@orquestra/protocol";
import { useEffect } from "react";
import { useActiveRunId, useRun } from "../hooks/session.ts";
import { useCommand } from "../hooks/use-command.ts";

/** Esc stops the run, unless something open took the key first, or the focus is in the page around a mounted sidebar. */
export function useStopOnEscape(): void {
  const runId = useActiveRunId();
  const run = useRun(runId ?? "");
  const { send } = useCommand("run-cancel");
  const active = run !== undefined && !isRunTerminal(run.status);
  useEffect(() => {
    if (!active || runId === null) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || !isOurs(event)) return;
      event.preventDefault();
      send({ runId });
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [active, runId, send]);
}

function isOurs(event: KeyboardEvent): boolean {
  if (document.querySelector("dialog:modal") !== null) return false;
  const [target] = event.composedPath();
  return target === document.body || (target instanceof Element && target.closest(".oq") !== null);
}
