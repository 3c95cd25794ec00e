import type { ApprovalDecision, ApprovalKind, Label } from "@orquestra/protocol";
import type { ApprovalRecord } from "../persistence/index.ts";
import type { Lifting } from "./finding.ts";
import { grantLifetime } from "./built-in-policy.ts";

/** A person's yes to one exact call. */
export interface Grant {
  readonly approvalId: string;
  readonly todoId: string;
  /** `approvalHash` of the call that was shown. */
  readonly hash: string;
  /** What was asked: only the answer to a `repeat` pause lifts that pause. */
  readonly kind: ApprovalKind;
  /** `once`: for this todo, one time. `plan`: for every todo of the run with the same hash. */
  readonly scope: "once" | "plan";
  /** ISO time. */
  readonly grantedAt: string;
  /** Its todo was started on it. */
  readonly used: boolean;
}

/** The grants in an answered approval. `used` holds the ids of todos that were already started on it. */
export function grantsOf(approval: ApprovalRecord, used: ReadonlySet<string>): readonly Grant[] {
  const { answer, answeredAt } = approval;
  if (answer === null || answeredAt === null) return [];
  const scope = answer.scope === "plan" ? "plan" : "once";
  const allowed = Object.entries(approval.hashes).filter(([todoId]) => isYes(answer.decisions?.[todoId] ?? answer.decision));
  return allowed.map(([todoId, hash]) => {
    return { approvalId: approval.id, todoId, hash, kind: approval.kind, scope, grantedAt: answeredAt, used: used.has(todoId) };
  });
}

/** What a grant is held against. */
export interface GrantedCall {
  readonly todoId: string;
  readonly hash: string;
  readonly control: Label;
}

/**
 * Whether the grant holds for this call at this time (milliseconds). Clocks of two nodes may differ either way. A yes for the
 * plan was given to what was shown: an equal call that text from outside had a part in asks again.
 */
export function isGranted(grant: Grant, call: GrantedCall, now: number): boolean {
  const forPlan = grant.scope === "plan" && call.control.integrity !== "outside";
  const forTodo = forPlan || (grant.todoId === call.todoId && !grant.used);
  return forTodo && grant.hash === call.hash && Math.abs(now - Date.parse(grant.grantedAt)) <= grantLifetime;
}

/** A `repeat` answer showed the whole call, so it lifts all that an `effects` answer does. */
export function lifts(grant: Grant, lifting: Lifting, todoId: string): boolean {
  if (grant.kind !== "effects" && grant.kind !== "plan" && grant.kind !== "repeat") return false;
  if (lifting === "rule" || lifting === "approval") return true;
  return grant.kind === "repeat" && (lifting === "repeat_approval" || grant.todoId === todoId);
}

function isYes(decision: ApprovalDecision): boolean {
  return decision === "allow_once" || decision === "allow_always";
}
