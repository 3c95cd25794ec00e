import type { Failure, PlanFormat } from "@orquestra/protocol";
import type { Run } from "./run.ts";

/** A model that could not write its plan twice in a row calls tools natively from here on, where it can. */
export function switchToTools(run: Run): void {
  if (run.planFormat === "tools" || !run.nativeCalls) return;
  switchTo(
    run,
    "tools",
    "The model could not write its plan in a form that can be read, so in this session it now calls tools directly.",
  );
}

/** Words of servers that refuse every request with tools in it, because of the model or because of how they were started. */
const refusesTools = /\btools?\b|\bfunction.?call/i;

/** Whether the turn may be tried again: its server takes no native calls, so the model writes lines from here on. */
export function switchToLines(run: Run, { code, message }: Failure): boolean {
  if (run.planFormat !== "tools" || code !== "model_invalid_request" || !refusesTools.test(message)) return false;
  run.nativeCalls = false;
  switchTo(
    run,
    "lines",
    `${run.model.id} takes no direct tool calls, so in this session it now writes its plans as text. (${message})`,
  );
  return true;
}

function switchTo(run: Run, planFormat: PlanFormat, text: string): void {
  run.session = { ...run.session, planFormat };
  const events = [run.event("session-updated", { planFormat }), run.event("notice", { text })];
  run.post(events, [{ put: "sessions", record: run.session }]);
}
