/**
 * What can turn an ask into an allow: a standing rule or an approval, only an approval, only the answer to a repeat pause, or
 * only that given for this very todo.
 */
export type Lifting = "rule" | "approval" | "repeat_approval" | "own_repeat_approval";

export type DenyCode =
  | "mode_plan"
  | "headless"
  | "rule_denied"
  | "policy_denied"
  | "secret_path"
  | "own_folder"
  | "outside_workspace"
  | "secret_value"
  | "gate_failed";

/** What one rule says of a call. The strictest of all findings counts: deny, then ask, then allow. `reason` is for the person. */
export type Finding =
  | { readonly decision: "allow" }
  | { readonly decision: "ask"; readonly reason: string; readonly liftedBy: Lifting }
  | { readonly decision: "deny"; readonly reason: string; readonly code: DenyCode };

export const allow: Finding = { decision: "allow" };

export function ask(reason: string, liftedBy: Lifting = "approval"): Finding {
  return { decision: "ask", reason, liftedBy };
}

export function deny(code: DenyCode, reason: string): Finding {
  return { decision: "deny", code, reason };
}
