import { z } from "zod";

/** The closed vocabularies of the wire. Each is a column in the database too, so a change here is a migration. */
export const modes = ["plan", "ask", "workspace", "headless"] as const;
export const modeSchema = z.enum(modes);
export type Mode = z.infer<typeof modeSchema>;

export const planFormatSchema = z.enum(["lines", "json", "tools"]);
export type PlanFormat = z.infer<typeof planFormatSchema>;

export const effectSchema = z.enum(["read", "write", "destructive", "exec", "egress", "spend"]);
export type Effect = z.infer<typeof effectSchema>;

export const runStatusSchema = z.enum(["queued", "running", "waiting", "completed", "failed", "cancelled"]);
export type RunStatus = z.infer<typeof runStatusSchema>;

export const todoStatusSchema = z.enum([
  "proposed",
  "pending",
  "waiting_approval",
  "running",
  "completed",
  "failed",
  "skipped",
  "cancelled",
  "unknown",
]);
export type TodoStatus = z.infer<typeof todoStatusSchema>;

export const decisionSchema = z.enum(["allow_once", "allow_always", "reject_once", "reject_always"]);
export type ApprovalDecision = z.infer<typeof decisionSchema>;

export const approvalScopeSchema = z.enum(["once", "plan", "always"]);
export type ApprovalScope = z.infer<typeof approvalScopeSchema>;

/** `effects` asks for todos; the others are pauses a person ends. */
export const approvalKindSchema = z.enum(["effects", "plan", "budget", "repeat", "flood", "question"]);
export type ApprovalKind = z.infer<typeof approvalKindSchema>;

export const stopReasonSchema = z.enum(["end_turn", "cancelled", "failed", "budget", "refusal"]);
export type StopReason = z.infer<typeof stopReasonSchema>;

export const whenBusySchema = z.enum(["enqueue", "interrupt", "reject"]);
export type WhenBusy = z.infer<typeof whenBusySchema>;

const terminalTodo: ReadonlySet<TodoStatus> = new Set(["completed", "failed", "skipped", "cancelled"]);
const terminalRun: ReadonlySet<RunStatus> = new Set(["completed", "failed", "cancelled"]);

/** `proposed`, `waiting_approval` and `unknown` wait for a person, so they are not the end. */
export function isTodoTerminal(status: TodoStatus): boolean {
  return terminalTodo.has(status);
}

export function isRunTerminal(status: RunStatus): boolean {
  return terminalRun.has(status);
}
