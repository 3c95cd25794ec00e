import type { Label } from "@orquestra/protocol";
import { messageOf } from "../lib/error.ts";
import type { RuleDraft, RuleRecord } from "../persistence/index.ts";
import { boundHash, judgedHash } from "./approval-hash.ts";
import { type JudgedCall, type ProposedCall, isEffectful, labelOfInputs } from "./call.ts";
import { frozenJsonObject } from "./canonical-json.ts";
import type { CommandGround } from "./command-ground.ts";
import type { DenyCode, Finding } from "./finding.ts";
import { type Grant, type GrantedCall, isGranted, lifts } from "./grants.ts";
import { type Landing, rewrittenRule } from "./landing.ts";
import { modeRule } from "./modes.ts";
import { PermissionError } from "./permission-error.ts";
import type { EffectiveMode } from "./policy.ts";
import { repeatKey } from "./repeat-key.ts";
import { fixedRules, markedArguments, repeatRule } from "./rules.ts";
import { allowedByRule, denyRuleFor, denyingRule, ruleFor } from "./standing-rules.ts";

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
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const authorized: unique symbol = Symbol("authorized");

/** A call that the gate let through. Only `authorize` makes one, and nothing else may be executed. */
export interface Authorized extends JudgedCall {
  readonly [authorized]: true;
  /** To be counted in `executed` when it starts. */
  readonly repeatKey: string;
  /** The join of all that went in, control included: for the label of the output. */
  readonly inputs: Label;
  /** Arguments whose values came from outside (R3). */
  readonly marked: readonly string[];
  /** The approval it runs on, to be marked used when it starts; null where none was needed. */
  readonly grant: Grant | null;
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
      /** What `allow_always` (null where that is refused) and `reject_always` would write. */
      readonly rules: { readonly allow: RuleDraft | null; readonly deny: RuleDraft };
    }
  | { readonly decision: "deny"; readonly reason: string; readonly code: DenyCode };

/**
 * The one choke point: every tool call passes here before it runs. The strictest finding counts (deny, then ask, then allow);
 * an ask is lifted by a standing rule or a grant as far as that reaches. Any error inside is a deny.
 */
export function authorize(proposed: ProposedCall, context: AuthorizationContext): Verdict {
  try {
    return judge({ ...proposed, args: frozenJsonObject(proposed.args) }, context);
  } catch (error) {
    return {
      decision: "deny",
      code: "gate_failed",
      reason: `The permission check itself failed, so it was not run: ${messageOf(error)}`,
    };
  }
}

/** Throws a PermissionError `not_authorized` for anything the gate did not make, copies of an authorised call included. */
export function assertAuthorized(call: object): asserts call is Authorized {
  if (!Minted.has(call))
    throw new PermissionError("not_authorized", "This call did not pass the permission gate, so it is not run.");
}

function judge(call: JudgedCall, context: AuthorizationContext): Verdict {
  const key = repeatKey(call);
  const fixed = fixedRules(call, context.ownFolders);
  const findings = [
    ...fixed,
    denyingRule(call, context.rules),
    repeatRule(call, context.executed.get(key) ?? 0),
    rewrittenRule(call, context.landed),
    modeRule(call, context.mode),
  ];
  const denied = findings.find((finding) => finding.decision === "deny");
  if (denied !== undefined) return denied;
  return settle(call, { key, fixed, asks: leftByRules(call, context, findings) }, context);
}

interface Judgement {
  readonly key: string;
  readonly fixed: readonly Finding[];
  readonly asks: readonly Ask[];
}

type Ask = Finding & { readonly decision: "ask" };

/** The asks that no standing rule lifts. */
function leftByRules(call: JudgedCall, context: AuthorizationContext, findings: readonly Finding[]): readonly Ask[] {
  const asks = findings.filter((finding) => finding.decision === "ask");
  if (!asks.some(({ liftedBy }) => liftedBy === "rule") || !allowedByRule(call, context.rules)) return asks;
  return asks.filter(({ liftedBy }) => liftedBy !== "rule");
}

function settle(call: JudgedCall, { key, fixed, asks }: Judgement, context: AuthorizationContext): Verdict {
  if (asks.length === 0) return { decision: "allow", call: mint(call, key, null) };
  const hash = boundHash(judgedHash(call), call, context.policyHash);
  const grant = grantFor({ todoId: call.todoId, hash, control: call.control }, asks, context);
  if (grant !== null) return { decision: "allow", call: mint(call, key, grant) };
  const reasons = [...new Set(asks.map(({ reason }) => reason))];
  if (!context.mode.attended) return unattended(reasons);
  const kind = asks.some(({ liftedBy }) => liftedBy.endsWith("repeat_approval")) ? "repeat" : "effects";
  const proposed = isEffectful(call.tool) && call.control.integrity === "outside";
  const rules = { allow: ruleFor(call, fixed), deny: denyRuleFor(call) };
  return { decision: "ask", hash, repeatKey: key, kind, reasons, proposed, rules };
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

function mint(call: JudgedCall, key: string, grant: Grant | null): Authorized {
  return Object.freeze(new Minted(call, { repeatKey: key, inputs: labelOfInputs(call), marked: markedArguments(call), grant }));
}

type Facts = Pick<Authorized, "repeatKey" | "inputs" | "marked" | "grant">;

/** The private member is what nobody outside can give to an object of theirs, and what no copy has. */
class Minted implements Authorized {
  readonly [authorized] = true as const;
  readonly #mark = true;
  readonly tool: Authorized["tool"];
  readonly args: Authorized["args"];
  readonly argumentLabels: Authorized["argumentLabels"];
  readonly control: Authorized["control"];
  readonly user: Authorized["user"];
  readonly workspace: Authorized["workspace"];
  readonly sessionId: string;
  readonly runId: string;
  readonly todoId: string;
  readonly repeatKey: string;
  readonly inputs: Label;
  readonly marked: readonly string[];
  readonly grant: Grant | null;

  constructor(call: JudgedCall, facts: Facts) {
    this.tool = call.tool;
    this.args = call.args;
    this.argumentLabels = call.argumentLabels;
    this.control = call.control;
    this.user = call.user;
    this.workspace = call.workspace;
    this.sessionId = call.sessionId;
    this.runId = call.runId;
    this.todoId = call.todoId;
    this.repeatKey = facts.repeatKey;
    this.inputs = facts.inputs;
    this.marked = facts.marked;
    this.grant = facts.grant;
  }

  static has(call: object): call is Authorized {
    return #mark in call && call.#mark;
  }
}
