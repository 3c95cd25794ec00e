import { messageOf } from "../lib/error.ts";
import type { RuleDraft, RuleRecord } from "../persistence/index.ts";
import type { CommandAccess } from "../tools/index.ts";
import { boundHash, judgedHash } from "./approval-hash.ts";
import { type Authorized, type CommandFate, type Ground, mint } from "./authorized.ts";
import { type JudgedCall, type ProposedCall, isEffectful } from "./call.ts";
import { frozenJsonObject } from "./canonical-json.ts";
import { type CommandGround, isConfined, isUndoable, accessOf, runsCommand } from "./command-ground.ts";
import type { DenyCode, Finding } from "./finding.ts";
import { type Grant, type GrantedCall, isGranted, lifts } from "./grants.ts";
import type { Landing } from "./landing.ts";
import { modeRule } from "./modes.ts";
import type { EffectiveMode } from "./built-in-policy.ts";
import type { Policy } from "./policy/compile-policy.ts";
import { repeatKey } from "./repeat-key.ts";
import { type FixedRule, fixedRules } from "./rules.ts";
import { allowingRule, denyRuleFor, denyingRule, ruleFor } from "./standing-rules.ts";

/** What a verdict depends on beside the call. */
export interface AuthorizationContext {
  readonly mode: EffectiveMode;
  /** The user's standing rules, as they are now. */
  readonly rules: readonly RuleRecord[];
  /** What was allowed in this run. */
  readonly grants: Iterable<Grant>;
  /** How often each call was started in this run, by `repeatKey`. */
  readonly executed: ReadonlyMap<string, number>;
  /** Where effects landed before the run was interrupted; none for a todo that was planned before that, too. */
  readonly landed: readonly Landing[];
  readonly policyHash: string;
  /** Real paths no tool may touch: the data folder, the folder of the server's own settings. */
  readonly ownFolders: readonly string[];
  /** What stands around a command in this folder, as it is now. */
  readonly commands: CommandGround;
  /** The rules in files, as they were when the run started. */
  readonly policy: Policy;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type Verdict =
  | { readonly decision: "allow"; readonly call: Authorized }
  | {
      readonly decision: "ask";
      /** The answer is bound to this. */
      readonly hash: string;
      /** As that of an authorised call. */
      readonly repeatKey: string;
      /** `repeat`: the run pauses because the same call came again and again. */
      readonly kind: "effects" | "repeat";
      readonly reasons: readonly string[];
      /** An effect under outside control: status `proposed`, else `waiting_approval`. */
      readonly proposed: boolean;
      /** What it changes can be taken back. */
      readonly undoable: boolean;
      /** What its command could reach; null where it runs none. */
      readonly access: CommandAccess | null;
      /** What `allow_always` (null where that is refused) and `reject_always` would write. */
      readonly rules: { readonly allow: RuleDraft | null; readonly deny: RuleDraft };
    }
  | { readonly decision: "deny"; readonly reason: string; readonly code: DenyCode };

export type Gate = (proposed: ProposedCall, context: AuthorizationContext) => Verdict;

/**
 * The one choke point: every tool call passes here before it runs. The strictest finding counts (deny, then ask, then allow);
 * an ask is lifted by a policy, a standing rule or a grant as far as those reach. Any error inside is a deny.
 */
export const authorize: Gate = gateOf(fixedRules);

/** A gate with these fixed rules. Only for tests that show what each rule is there for: nothing else makes another one. */
export function gateOf(rules: readonly FixedRule[]): Gate {
  return (proposed, context) => {
    try {
      return judge({ ...proposed, args: frozenJsonObject(proposed.args) }, context, rules);
    } catch (error) {
      return {
        decision: "deny",
        code: "gate_failed",
        reason: `The permission check itself failed, so it was not run: ${messageOf(error)}`,
      };
    }
  };
}

function judge(call: JudgedCall, context: AuthorizationContext, rules: readonly FixedRule[]): Verdict {
  const key = repeatKey(call);
  const { ownFolders, commands, landed, mode } = context;
  const at = { ownFolders, commands, landed, repeats: context.executed.get(key) ?? 0 };
  const policy = context.policy.decide(call, { mode, commands });
  const lasting: Finding[] = [];
  const passing: Finding[] = [];
  for (const { name, find } of rules) (name === "R8" ? passing : lasting).push(...find(call, at));
  lasting.push(...policy.findings);
  const findings = [...lasting, denyingRule(call, context.rules), ...passing, modeRule(call, mode, commands)];
  const denied = findings.find((finding) => finding.decision === "deny");
  if (denied !== undefined) return denied;
  const asks = findings.filter((finding) => finding.decision === "ask");
  const ground = groundOf(call, asks, { allowedBy: policy.allowedBy, rules: context.rules });
  const left = ground.by === "mode" ? asks : asks.filter(({ liftedBy }) => liftedBy !== "rule");
  return settle(call, { key, lasting, asks: left, ground }, context);
}

interface Judgement {
  readonly key: string;
  /** What every such call meets, however often it was carried out. */
  readonly lasting: readonly Finding[];
  /** What neither a policy nor a standing rule lifted. */
  readonly asks: readonly Ask[];
  /** The one that lifted the others. */
  readonly ground: Ground;
}

type Ask = Finding & { readonly decision: "ask" };

interface Allowing {
  readonly allowedBy: string | null;
  readonly rules: readonly RuleRecord[];
}

/** What lifts the asks that a rule may lift; the mode where there are none, or no rule does. */
function groundOf(call: JudgedCall, asks: readonly Ask[], { allowedBy, rules }: Allowing): Ground {
  if (!asks.some(({ liftedBy }) => liftedBy === "rule")) return byMode;
  if (allowedBy !== null) return { by: "policy", rule: allowedBy };
  const rule = allowingRule(call, rules);
  return rule === undefined ? byMode : { by: "rule", ruleId: rule.id };
}

const byMode: Ground = { by: "mode" };

function settle(call: JudgedCall, { key, lasting, asks, ground }: Judgement, context: AuthorizationContext): Verdict {
  const { commands } = context;
  const command = commandFate(call, commands);
  if (asks.length === 0) return { decision: "allow", call: mint(call, { repeatKey: key, grant: null, ground, command }) };
  const hash = boundHash(judgedHash(call), call, groundHash(call, context));
  const grant = grantFor({ todoId: call.todoId, hash, control: call.control }, asks, context);
  if (grant !== null) {
    const approved: Ground = { by: "approval", approvalId: grant.approvalId, kind: grant.kind };
    return { decision: "allow", call: mint(call, { repeatKey: key, grant, ground: approved, command }) };
  }
  const reasons = [...new Set(asks.map(({ reason }) => reason))];
  if (!context.mode.attended) return unattended(reasons);
  const kind = asks.some(({ liftedBy }) => liftedBy.endsWith("repeat_approval")) ? "repeat" : "effects";
  const proposed = isEffectful(call.tool) && call.control.integrity === "outside";
  const rules = { allow: ruleFor(call, lasting), deny: denyRuleFor(call) };
  const undoable = command?.undoable ?? isUndoable(call, commands);
  return { decision: "ask", hash, repeatKey: key, kind, reasons, proposed, undoable, access: command?.access ?? null, rules };
}

function commandFate(call: JudgedCall, commands: CommandGround): CommandFate | null {
  const access = accessOf(call, commands);
  return access === null ? null : { access, undoable: isUndoable(call, commands) };
}

/** The answer for a command was given for where it would run and for what could be undone then. */
function groundHash(call: JudgedCall, { policyHash, commands }: AuthorizationContext): string {
  if (!runsCommand(call)) return policyHash;
  return `${policyHash} ${isConfined(call, commands) ? "confined" : "free"} ${isUndoable(call, commands) ? "undoable" : "lasting"}`;
}

function grantFor(call: GrantedCall, asks: readonly Ask[], context: AuthorizationContext): Grant | null {
  for (const grant of context.grants) {
    if (isGranted(grant, call, context.now) && asks.every(({ liftedBy }) => lifts(grant, liftedBy, call.todoId))) return grant;
  }
  return null;
}

function unattended(reasons: readonly string[]): Verdict {
  const advice = "Nobody is there to be asked: allow it with a standing rule, or run it in mode ask.";
  return { decision: "deny", code: "headless", reason: `${reasons.join(" ")} ${advice}` };
}
