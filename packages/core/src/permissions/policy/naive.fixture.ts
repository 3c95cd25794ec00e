import type { Integrity, Json, Label } from "@orquestra/protocol";
import { isProtectedPath, isSecretPath, makesRepository } from "../../tools/index.ts";
import type { AuthorizationContext } from "../authorize.ts";
import type { JudgedCall } from "../call.ts";
import { grantLifetime } from "../built-in-policy.ts";
import type { CommandReader } from "./argv.ts";
import type { LayerName } from "./policy-layer.ts";
import type { PolicyRule } from "./policy-rule.ts";

/**
 * The whole decision once more, in the dumbest way: from the pages that describe it, with nothing of the real one but which paths
 * are secret or protected and how long an approval lives. For comparison only: no labels but what is written on the call, no
 * interrupted runs, paths that are plain.
 */
export interface NaiveWorld extends Omit<AuthorizationContext, "policy" | "grants" | "policyHash" | "executed" | "landed"> {
  readonly layers: readonly { readonly layer: LayerName; readonly rules: readonly PolicyRule[] }[];
  readonly brokenFolder: boolean;
  readonly count: number;
  readonly readCommand: CommandReader;
  /** How long ago this very call was approved. */
  readonly approvedAgo: number | null;
}

const levels: readonly Integrity[] = ["outside", "workspace", "system", "user"];
type Say = "allow" | "ask" | "deny";

export function naiveDecision(call: JudgedCall, world: NaiveWorld): Say {
  const { tool, args } = call;
  const has = (effect: string): boolean => tool.effects.some((one) => one === effect);
  const names = Object.keys(args);
  const labels = (name: string) => labelsOf(call, name);
  const rank = (name: string): number => lowest(labels(name));
  const control = levels.indexOf(call.control.integrity);
  const carried = [call.control, ...names.flatMap(labels)];
  const effect = ["write", "destructive", "exec", "egress", "spend"].some(has);
  const touched = tool.touches?.(args) ?? { reads: [], writes: [] };
  const writes = touched.writes === "workspace" ? [] : touched.writes;
  const reads = touched.reads === "workspace" ? [] : touched.reads;
  const command = has("exec") ? (tool.command?.(args) ?? null) : null;
  const boxed = world.commands.sandbox !== "none" && command?.access === "sandbox";
  const looks = boxed && command !== null && !command.fed && /^(git status|ls)( --short)?$/.test(command.text);
  const undone = boxed && (world.commands.undo.covered || looks) && call.workspace !== null;
  let denies = 0;
  /** Lifted by nobody but a person who is asked; by rules too. */
  let firm = 0;
  let soft = 0;
  let pause = 0;
  // R1, R2
  if (effect && control < 1) firm += 1;
  if (effect && names.some((name) => tool.critical.includes(name) && rank(name) < 1)) firm += 1;
  // R3
  const changesFiles = !has("exec") && (writes.length > 0 || touched.writes === "workspace");
  const carriesText = names.some((name) => !tool.critical.includes(name) && rank(name) < 1);
  if (effect && changesFiles && carriesText && call.workspace?.trusted === true) firm += 1;
  // R4
  const leaves = has("egress") || command?.access === "network" || command?.access === "machine";
  if ((has("egress") || has("exec")) && carried.some((one) => one.confidentiality === "secret")) denies += 1;
  if (effect && names.some((name) => labels(name).some((one) => one.confidentiality === "secret"))) denies += 1;
  if (leaves && carried.some((one) => one.confidentiality !== "public")) firm += 1;
  // R5, R6
  if (has("destructive") || has("spend")) firm += 1;
  if (has("exec") && !boxed) firm += 1;
  if (boxed && !looks && !world.commands.undo.covered) firm += 1;
  // R7
  for (const path of [...reads, ...writes]) {
    const full = absolute(path, call.workspace?.root ?? "/");
    if (call.workspace === null || !isBelow(full, call.workspace.root)) denies += 1;
    if (world.ownFolders.some((own) => isBelow(full.toLowerCase(), own.toLowerCase()))) denies += 1;
    if (isSecretPath(path)) denies += 1;
  }
  if (writes.some((path) => isProtectedPath(path) || makesRepository(path)) || (touched.writes === "workspace" && !has("exec")))
    firm += 1;
  // R8
  if (world.count >= 2) pause += 1;
  else if (world.count === 1 && effect) firm += 1;
  // The mode
  const inside = writes.length > 0 && touched.writes !== "workspace";
  const quiet = control >= 1 && (has("exec") ? undone && names.every((name) => rank(name) >= 1) : tool.undoable && inside);
  if (effect && world.mode.reach === "plan") denies += 1;
  if (effect && world.mode.reach === "ask") soft += 1;
  if (effect && world.mode.reach === "workspace" && (!quiet || has("egress"))) soft += 1;
  // Rules in files
  let lifted = false;
  for (const { layer, rules } of world.layers) {
    for (const rule of rules) {
      if (!speaks(rule, call, { ...world, sends: has("exec") && !boxed })) continue;
      if (rule.decision === "deny") denies += 1;
      if (rule.decision === "ask") firm += 1;
      const whole = names.every((name) => Object.keys(rule.when ?? {}).includes(name) && rank(name) >= 1);
      if (rule.decision === "allow" && layer !== "workspace" && (!has("exec") || whole)) lifted = true;
    }
  }
  if (world.brokenFolder && effect) firm += 1;
  // Standing rules
  for (const rule of world.rules) {
    const here = rule.userId === call.user.id && rule.workspace === (call.workspace?.root ?? null) && rule.tool === tool.name;
    if (!here || !Object.entries(rule.match).every(([name, value]) => (args[name] ?? null) === value)) continue;
    if (rule.decision === "deny") denies += 1;
    const whole = names.every((name) => Object.keys(rule.match).includes(name) && rank(name) >= 1);
    if (rule.decision === "allow" && effect && (!has("exec") || whole)) lifted = true;
  }
  if (denies > 0) return "deny";
  if (firm + pause + (lifted ? 0 : soft) === 0) return "allow";
  const approved = world.approvedAgo !== null && Math.abs(world.approvedAgo) <= grantLifetime;
  if (approved && pause === 0) return "allow";
  return world.mode.attended ? "ask" : "deny";
}

function labelsOf(call: JudgedCall, name: string): readonly Label[] {
  const parts = Object.entries(call.argumentLabels).filter(([at]) => at.startsWith(`/${name}/`));
  return [call.argumentLabels[`/${name}`] ?? call.control, ...parts.map(([, label]) => label)];
}

function lowest(labels: readonly Label[]): number {
  return Math.min(...labels.map(({ integrity }) => levels.indexOf(integrity)));
}

/** Whether a rule speaks of the call: an allow when all is sure, the others unless something is surely not so. */
function speaks(rule: PolicyRule, call: JudgedCall, world: NaiveWorld & { readonly sends: boolean }): boolean {
  const { tool = "*" } = rule;
  const named = tool.endsWith("*") ? call.tool.name.startsWith(tool.slice(0, -1)) : call.tool.name === tool;
  if (!named) return false;
  const effects: readonly string[] = [...call.tool.effects, ...(world.sends ? ["egress"] : [])];
  if (rule.effect !== undefined) {
    const wanted: readonly string[] = [rule.effect].flat();
    if (rule.decision !== "allow" && !effects.some((one) => wanted.includes(one))) return false;
    if (rule.decision === "allow" && effects.some((one) => one !== "read" && !wanted.includes(one))) return false;
  }
  const sure = Object.entries(rule.when ?? {}).flatMap(([subject, test]) =>
    Object.entries(test).map(([key, wanted]) => isSo(subject, [key, wanted], { call, world, rule })),
  );
  return rule.decision === "allow" ? sure.every((it) => it === true) : !sure.includes(false);
}

interface Asked {
  readonly call: JudgedCall;
  readonly world: NaiveWorld;
  readonly rule: PolicyRule;
}

/** null: who knows. */
function isSo(subject: string, [key, wanted]: readonly [string, unknown], { call, world, rule }: Asked): boolean | null {
  if (subject === "interactive") return world.mode.attended === wanted;
  if (subject === "sandbox") return world.commands.sandbox === wanted;
  if (subject === "user") return call.user.id === wanted;
  const own = lowest(subject === "control" ? [call.control] : labelsOf(call, subject));
  const value: Json | undefined = subject === "control" ? null : call.args[subject];
  if (value === undefined) return null;
  const given = JSON.stringify(wanted);
  if (key === "integrity") {
    const level = levels.findIndex((one) => given.includes(one));
    return given.startsWith('{"atLeast"') ? own >= level : own < level;
  }
  if (typeof value !== "string") return null;
  if (key === "equals") return value === wanted;
  if (key === "in") return given.includes(JSON.stringify(value));
  if (key === "pathWithin") {
    if (call.workspace === null) return null;
    const full = absolute(value, call.workspace.root);
    const folder = absolute(String(wanted), call.workspace.root);
    return isBelow(full, folder) ? true : isBelow(full.toLowerCase(), folder.toLowerCase()) ? null : false;
  }
  if (key === "argv") {
    const text = call.tool.effects.includes("exec") ? call.tool.command?.(call.args).text : undefined;
    const said = world.readCommand(value);
    if (text !== value || said.kind !== "simple") return null;
    const line = said.argv.join(" ");
    const prefix = given.includes("push") ? "git push" : "git status";
    return rule.decision === "allow" ? line === prefix || line === `${prefix} --short` : `${line} `.startsWith(`${prefix} `);
  }
  throw new Error(`The comparison does not know ${key}.`);
}

function absolute(path: string, root: string): string {
  const at: string[] = path.startsWith("/") ? [] : root.split("/").filter((name) => name !== "");
  for (const name of path.split("/")) {
    if (name === "..") at.pop();
    else if (name !== "." && name !== "") at.push(name);
  }
  return `/${at.join("/")}`;
}

function isBelow(path: string, folder: string): boolean {
  return `${path}/`.startsWith(`${folder}/`);
}
