import { type JudgedCall, argumentsBelow, isEffectful } from "../call.ts";
import { type Json } from "@orquestra/protocol";
import { canonicalJson, frozenJson, hashText } from "../canonical-json.ts";
import { runsCommand } from "../command-ground.ts";
import { type Finding, ask, deny } from "../finding.ts";
import { readCommand } from "../shell/read-command.ts";
import type { CommandReader } from "./argv.ts";
import { type CompiledRule, type PolicyFacts, compileRule } from "./compile-rule.ts";
import type { LayerRule, PolicyLayer } from "./policy-layer.ts";
import { isFact } from "./policy-rule.ts";

/** What a policy says of a call: the strictest counts. */
export interface PolicyAnswer {
  readonly findings: readonly Finding[];
  /** An allowing rule, in words: it lifts what only asks because of the mode. Of several the first by alphabet; null where there is none. */
  readonly allowedBy: string | null;
}

export interface Policy {
  /** The same for the same rules, whatever their order; "" where there are none. */
  readonly hash: string;
  /** What is in it that helps nobody: for whoever wrote it. */
  readonly warnings: readonly string[];
  decide(call: JudgedCall, at: PolicyFacts): PolicyAnswer;
}

export interface PolicyOptions {
  /** How commands are taken apart. Absent: as a shell would. */
  readonly read?: CommandReader;
  /** The tools there are: a rule for another one gets a warning. */
  readonly tools?: readonly string[];
}

/** Pure: the same call under the same facts always gets the same answer, and no order of layers or rules changes it. */
export function compilePolicy(layers: readonly PolicyLayer[], options: PolicyOptions = {}): Policy {
  const { read = readCommand, tools } = options;
  const heard = layers.flatMap((layer) =>
    layer.kind === "broken" ? [] : [{ ...layer, rules: layer.rules.filter(heardFrom(layer)) }],
  );
  const rules = heard.flatMap(({ layer, rules: own }) => own.map((rule) => compileRule(rule, layer, read)));
  const broken = layers.filter((layer) => layer.kind === "broken");
  const speakingOf = byTool(rules);
  return {
    hash: hashOf(heard, broken),
    warnings: layers.flatMap((layer) => (layer.kind === "broken" ? [layer.problem] : warningsIn(layer, tools))),
    decide: (call, at) =>
      answer(call, at, { found: speakingOf(call.tool.name).filter((rule) => rule.matches(call, at)), broken }),
  };
}

export const noPolicy = compilePolicy([]);

type Rules = PolicyLayer & { readonly kind: "rules" };
type Broken = PolicyLayer & { readonly kind: "broken" };

/** A folder may only tighten. */
function heardFrom({ layer }: Rules): (rule: LayerRule) => boolean {
  return ({ decision }) => layer !== "workspace" || decision !== "allow";
}

/** The rules that speak of a tool, found once for each name: those that name it whole come first. */
function byTool(rules: readonly CompiledRule[]): (name: string) => readonly CompiledRule[] {
  const known = new Map<string, readonly CompiledRule[]>();
  return (name) => {
    let found = known.get(name);
    if (found === undefined) {
      const begin = rules.filter(({ tool }) => tool.endsWith("*") && name.startsWith(tool.slice(0, -1)));
      found = [...rules.filter(({ tool }) => tool === name), ...begin];
      known.set(name, found);
    }
    return found;
  };
}

interface Matches {
  readonly found: readonly CompiledRule[];
  readonly broken: readonly Broken[];
}

function answer(call: JudgedCall, at: PolicyFacts, { found, broken }: Matches): PolicyAnswer {
  const said = found.filter(({ decision }) => decision !== "allow");
  const unread = isEffectful(call.tool) ? broken.map(({ problem }) => ask(problem)) : [];
  return {
    findings: [...said.map(findingOf), ...unread],
    allowedBy: allowing(found, call),
  };
}

function allowing(found: readonly CompiledRule[], call: JudgedCall): string | null {
  let first: string | null = null;
  for (const rule of found) {
    if (rule.decision === "allow" && reaches(rule, call) && (first === null || rule.words < first)) first = rule.words;
  }
  return first;
}

function findingOf({ decision, words }: CompiledRule): Finding {
  return decision === "deny" ? deny("policy_denied", `Forbidden by ${words}`) : ask(`Asked for by ${words}`);
}

/** As with standing rules: a command is only allowed whole, and never when anything from outside went into it. */
function reaches({ names }: CompiledRule, call: JudgedCall): boolean {
  if (!runsCommand(call)) return true;
  return argumentsBelow(call, "workspace").length === 0 && Object.keys(call.args).every((name) => names.has(name));
}

function hashOf(heard: readonly Rules[], broken: readonly Broken[]): string {
  const rules = heard.flatMap(({ layer, rules: own }) => own.map((rule) => textOf({ layer, ...rule, line: undefined })));
  const problems = broken.map(({ layer, problem }) => textOf({ layer, problem }));
  if (rules.length + problems.length === 0) return "";
  return hashText(canonicalJson([...rules, ...problems].toSorted()));
}

function textOf(value: object): string {
  const json: Json = frozenJson(value);
  return canonicalJson(json);
}

function warningsIn({ layer, rules }: Rules, tools: readonly string[] | undefined): readonly string[] {
  return rules.flatMap((rule) => {
    const where = `${layer} policy${rule.line === null ? "" : ` line ${rule.line}`}`;
    if (layer === "workspace" && rule.decision === "allow")
      return [`${where}: widens what may be done; ignored. A folder may only ask or deny.`];
    const { tool = "*" } = rule;
    const unknown = tools !== undefined && !tool.endsWith("*") && !tools.includes(tool);
    const named = Object.keys(rule.when ?? {}).some((subject) => !isFact(subject));
    const wide = rule.decision !== "allow" && tool === "*" && named;
    return [
      ...(unknown ? [`${where}: there is no tool of that name now.`] : []),
      ...(wide ? [`${where}: names an argument but no tool, so it also covers every call without that argument.`] : []),
    ];
  });
}
