import type { Effect, Json } from "@orquestra/protocol";
import { type JudgedCall, labelOfArgument } from "../call.ts";
import { type CommandGround, isConfined, runsCommand } from "../command-ground.ts";
import type { EffectiveMode } from "../built-in-policy.ts";
import type { CommandReader } from "./argv.ts";
import { type Subject, type Test, testsIn } from "./condition.ts";
import type { LayerName, LayerRule } from "./policy-layer.ts";
import { type Condition, type Fact, type RuleDecision, isFact } from "./policy-rule.ts";
import { type Truth, passes } from "./truth.ts";

/** What a policy is asked about beside the call. */
export interface PolicyFacts {
  readonly mode: EffectiveMode;
  readonly commands: CommandGround;
}

export interface CompiledRule {
  readonly decision: RuleDecision;
  readonly tool: string;
  /** "your policy, line 7: why": the end of a sentence. */
  readonly words: string;
  /** Arguments that it speaks about as a whole. */
  readonly names: ReadonlySet<string>;
  matches(call: JudgedCall, at: PolicyFacts): boolean;
}

type Clause = (call: JudgedCall, at: PolicyFacts) => Truth;

export function compileRule(rule: LayerRule, layer: LayerName, read: CommandReader): CompiledRule {
  const { decision, tool = "*", effect: listed, when = {} } = rule;
  const clauses = Object.entries(when).flatMap(([subject, condition]) => clausesOf(subject, condition, { decision, read }));
  return {
    decision,
    tool,
    words: wordsOf(rule, layer),
    names: new Set(
      Object.keys(when)
        .filter((subject) => !isFact(subject))
        .flatMap(wholeArgument),
    ),
    matches(call, at) {
      if (listed !== undefined && !speaksOf(listed, effectsOf(call, at.commands), decision)) return false;
      return clauses.every((clause) => passes(clause(call, at), decision));
    },
  };
}

/** To allow, nothing the call does may be left out; to ask or deny, one effect is enough. */
function speaksOf(listed: readonly Effect[], effects: readonly Effect[], decision: RuleDecision): boolean {
  if (decision !== "allow") return effects.some((effect) => listed.includes(effect));
  return effects.every((effect) => effect === "read" || listed.includes(effect));
}

/** A command that nothing holds may send. */
function effectsOf(call: JudgedCall, ground: CommandGround): readonly Effect[] {
  const { effects } = call.tool;
  return runsCommand(call) && !isConfined(call, ground) ? [...effects, "egress"] : effects;
}

interface Reading {
  readonly decision: RuleDecision;
  readonly read: CommandReader;
}

function clausesOf(subject: string, condition: Condition, { decision, read }: Reading): readonly Clause[] {
  const tests = testsIn(condition, decision, read);
  if (isFact(subject))
    return tests.map(
      (test): Clause =>
        (call, at) =>
          test(factOf(subject, call, at), call),
    );
  const path = argumentPath(subject);
  return tests.map(
    (test): Clause =>
      (call) =>
        argumentTruth(test, path, call),
  );
}

/** What the call does not bring is unknown, whatever is asked of it. */
function argumentTruth(test: Test, path: readonly string[], call: JudgedCall): Truth {
  const value = valueAt(call.args, path);
  if (value === undefined) return "unknown";
  return test({ value, label: () => labelOfArgument(call, path[0] ?? "") }, call);
}

function factOf(fact: Fact, call: JudgedCall, { mode, commands }: PolicyFacts): Subject {
  const value = { control: null, sandbox: commands.sandbox, interactive: mode.attended, user: call.user.id }[fact];
  return { value, label: () => call.control };
}

/** A name, or a JSON pointer into the arguments. */
function argumentPath(subject: string): readonly string[] {
  if (!subject.startsWith("/")) return [subject];
  return subject
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function wholeArgument(subject: string): readonly string[] {
  const path = argumentPath(subject);
  return path.length === 1 ? path : [];
}

function valueAt(args: JudgedCall["args"], path: readonly string[]): Json | undefined {
  const [first = "", ...rest] = path;
  let value = Object.hasOwn(args, first) ? args[first] : undefined;
  for (const name of rest) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    const members: { readonly [name: string]: Json } = Object.fromEntries(Object.entries(value));
    value = members[name];
  }
  return value;
}

const owners: { readonly [L in LayerName]: string } = {
  admin: "the administrator's policy",
  user: "your policy",
  workspace: "the policy of this folder",
};

/** A folder's own words are not repeated: what it says may be anybody's, and a refusal is read by a model. */
function wordsOf({ line, why }: LayerRule, layer: LayerName): string {
  const reason = why === undefined || layer === "workspace" ? "." : `: ${why}`;
  return `${owners[layer]}${line === null ? "" : `, line ${line}`}${reason}`;
}
