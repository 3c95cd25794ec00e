import type { Json } from "@orquestra/protocol";
import type { RuleDraft, RuleRecord } from "../persistence/index.ts";
import { sameJson } from "./canonical-json.ts";
import { type JudgedCall, argumentsBelow, isEffectful } from "./call.ts";
import { runsCommand } from "./command-ground.ts";
import { escapeLine } from "./escape-invisible.ts";
import { type Finding, allow, deny } from "./finding.ts";

/** Deny where a standing rule forbids the call; deny beats allow, whatever the order. */
export function denyingRule(call: JudgedCall, rules: readonly RuleRecord[]): Finding {
  const found = rules.find((rule) => rule.decision === "deny" && matches(rule, call));
  return found === undefined ? allow : deny("rule_denied", `A rule of yours forbids it: ${found.text}`);
}

/** The standing rule that allows the call. It lifts what only asks because of the mode, never what a fixed rule asks. */
export function allowingRule(call: JudgedCall, rules: readonly RuleRecord[]): RuleRecord | undefined {
  if (!mayStand(call)) return undefined;
  return rules.find((rule) => rule.decision === "allow" && matches(rule, call) && namesEnough(rule, call));
}

/**
 * The rule that would let this call pass from now on: this tool, in this folder, with exactly these values where they decide
 * what happens (the critical arguments, for a command all of them). Null where a rule must not help: it would not even lift
 * what this call asks for. `fixed`: what the fixed rules found.
 */
export function ruleFor(call: JudgedCall, fixed: readonly Finding[]): RuleDraft | null {
  const liftable = fixed.every((it) => it.decision === "allow" || (it.decision === "ask" && it.liftedBy === "rule"));
  if (!liftable || !mayStand(call)) return null;
  return draft(call, "allow", runsCommand(call) ? Object.keys(call.tool.input.shape) : call.tool.critical);
}

/** The rule that `reject_always` writes: as narrow in its values, but for a command whatever else goes in with them. */
export function denyRuleFor(call: JudgedCall): RuleDraft {
  return draft(call, "deny", call.tool.critical);
}

function matches(rule: RuleRecord, call: JudgedCall): boolean {
  const here = rule.userId === call.user.id && rule.workspace === (call.workspace?.root ?? null) && rule.tool === call.tool.name;
  return here && Object.entries(rule.match).every(([name, value]) => sameJson(valueOf(call, name), value));
}

/** A command is only the same command when nothing at all went in that the rule does not name. */
function namesEnough(rule: RuleRecord, call: JudgedCall): boolean {
  return !runsCommand(call) || Object.keys(call.args).every((name) => Object.hasOwn(rule.match, name));
}

/** No rule speaks for reads, which need none, nor for a command that anything from outside went into. */
function mayStand(call: JudgedCall): boolean {
  return isEffectful(call.tool) && !(runsCommand(call) && argumentsBelow(call, "workspace").length > 0);
}

function draft(call: JudgedCall, decision: RuleRecord["decision"], names: readonly string[]): RuleDraft {
  const match = Object.fromEntries(names.map((name) => [name, valueOf(call, name)]));
  const { tool, user, workspace } = call;
  return {
    userId: user.id,
    workspace: workspace?.root ?? null,
    tool: tool.name,
    match,
    decision,
    text: textOf(call, decision, match),
  };
}

/** Null stands for an argument that was left out, so that a rule made without it does not match calls that bring it. */
function valueOf(call: JudgedCall, name: string): Json {
  return Object.hasOwn(call.args, name) ? (call.args[name] ?? null) : null;
}

function textOf(call: JudgedCall, decision: RuleRecord["decision"], match: RuleRecord["match"]): string {
  const place = call.workspace === null ? "in sessions without a folder" : "in this workspace";
  const values = Object.entries(match).map(([name, value]) =>
    value === null ? `${name} is left out` : `${name} is ${JSON.stringify(value)}`,
  );
  const when = values.length === 0 ? "" : ` when ${values.join(" and ")}`;
  return escapeLine(`${decision === "allow" ? "Always allow" : "Never allow"} ${call.tool.name} ${place}${when}.`);
}
