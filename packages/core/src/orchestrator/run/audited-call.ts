import { type Authorized, callFacts, effectiveMode, type ProposedCall } from "../../permissions/index.ts";
import type { Failure, Mode } from "@orquestra/protocol";
import type { Outcome } from "./call-outcome.ts";
import type { Run } from "./run.ts";
import type { LiveTodo } from "./todo-list.ts";

/** Resolves when the audit holds that this effect starts. What is not recorded does not start. */
export function recordStart(run: Run, { record }: LiveTodo, call: Authorized, ceiling: Mode): Promise<void> {
  const { ground, command } = call;
  const body = { ...facts(run, call, ceiling), ground, command, attempt: record.attempt };
  return run.audit.record(run.auditEntry("effect-started", body, record.id));
}

/** `not_started`: it was stopped before. `handed_on`: another process settles what became of it. */
export type RecordedEnd = Outcome["status"] | "not_started" | "handed_on" | "interrupted";

export function noteEnd(
  run: Run,
  { record }: LiveTodo,
  end: { readonly status: RecordedEnd; readonly ms?: number; readonly code?: string },
): void {
  run.audit.note(run.auditEntry("effect-ended", { ...end, attempt: record.attempt }, record.id));
}

/** Reads that are let through are not recorded: they are in the log of their session, and change nothing. Those that are not are. */
export function noteDenied(
  run: Run,
  { record }: LiveTodo,
  call: ProposedCall,
  { ceiling, refusal }: { readonly ceiling: Mode; readonly refusal: Failure },
): void {
  const { code, message: reason } = refusal;
  run.audit.note(
    run.auditEntry("call-denied", { ...facts(run, call, ceiling), code, reason: run.audit.redacted(reason) }, record.id),
  );
}

function facts(run: Run, call: ProposedCall, ceiling: Mode) {
  return callFacts(call, { mode: effectiveMode(run.session.mode, ceiling), redacted: (text) => run.audit.redacted(text) });
}
