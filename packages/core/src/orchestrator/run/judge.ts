import { type Failure, type Json, type Label, joinLabels, userLabel } from "@orquestra/protocol";
import type { z } from "zod";
import { messageOf } from "../../lib/error.ts";
import {
  type CommandGround,
  type EffectiveMode,
  type ProposedCall,
  type Verdict,
  authorize,
  policyHash,
} from "../../permissions/index.ts";
import type { AnyTool } from "../../tools/index.ts";
import { type Origin, resolveArguments } from "../plan-language/index.ts";
import type { Run } from "./run.ts";
import { type LiveTodo, isEffect } from "./todo-list.ts";
import { issueText } from "./wrong-arguments.ts";

/** A call whose arguments are there and fit its tool. */
export interface ReadyCall {
  readonly call: ProposedCall;
  readonly origins: readonly Origin[];
}

/** What the gate said of it, and what that hangs on beside the world at large. */
export interface Judged extends ReadyCall {
  readonly todo: LiveTodo;
  readonly verdict: Exclude<Verdict, { readonly decision: "deny" }>;
  readonly repeatKey: string;
  /** How often the same call had been started then. */
  readonly count: number;
}

/** A todo that may only run when a person says so. */
export interface Asking extends Judged {
  readonly verdict: Verdict & { readonly decision: "ask" };
}

export function isAsking(judged: Judged): judged is Asking {
  return judged.verdict.decision === "ask";
}

/** Whether the gate would say the same again. What runs on a grant is always asked for anew: it is given for one time. */
export function isFresh(run: Run, { verdict, repeatKey, count }: Judged): boolean {
  if (verdict.decision === "allow" && verdict.call.grant !== null) return false;
  return (run.calls.byKey.get(repeatKey) ?? 0) === count;
}

export type Proposal = ({ readonly status: "ready" } & ReadyCall) | { readonly status: "failed"; readonly error: Failure };

/** Arguments resolved and checked, or why that cannot be. */
export function propose(run: Run, todo: LiveTodo): Proposal {
  const { tool, record } = todo;
  if (tool === null) return failed(record.error ?? { code: "unknown_tool", message: `There is no tool ${record.tool} here.` });
  const resolved = resolveArguments(record.args, (id) => run.resultOf(id));
  if (resolved.status === "missing") return failed({ code: "reference_missing", message: resolved.message });
  const parsed = parse(tool, resolved.args);
  if ("problem" in parsed) return failed({ code: "bad_arguments", message: parsed.problem });
  const { session, user, workspace, id: runId } = run;
  const call: ProposedCall = {
    tool,
    args: parsed.args,
    argumentLabels: withSecrets(run, tool, {
      args: parsed.args,
      control: record.control,
      labels: labelsOf(run, todo, { tool, args: parsed.args, origins: resolved.origins }),
    }),
    control: record.control,
    user,
    workspace,
    sessionId: session.id,
    runId,
    todoId: record.id,
  };
  return { status: "ready", call, origins: resolved.origins };
}

/** Where the gate looks from. */
export interface Standpoint {
  readonly mode: EffectiveMode;
  /** Real paths no tool may touch. */
  readonly ownFolders: readonly string[];
  readonly commands: CommandGround;
}

/** What the gate says of a call as things are now: what it comes to, or why it is refused. */
export function judge(run: Run, todo: LiveTodo, { call, origins }: ReadyCall, at: Standpoint): Judged | Failure {
  const verdict = authorize(call, {
    mode: at.mode,
    ownFolders: at.ownFolders,
    commands: at.commands,
    rules: run.rules,
    grants: run.grants,
    executed: run.calls.byKey,
    landed: run.landedBefore(todo.record.turn),
    policy: run.policy,
    policyHash: policyHash(at.mode, run.policy),
    now: run.clock.now(),
  });
  if (verdict.decision === "deny") return { code: verdict.code, message: verdict.reason };
  const { repeatKey } = verdict.decision === "allow" ? verdict.call : verdict;
  return { todo, call, origins, verdict, repeatKey, count: run.calls.byKey.get(repeatKey) ?? 0 };
}

/** A tool may bring its own checks, and they may break. */
function parse({ name, input }: AnyTool, args: unknown): { readonly args: ProposedCall["args"] } | { readonly problem: string } {
  try {
    const parsed = input.safeParse(args);
    return parsed.success ? { args: parsed.data } : { problem: explain(name, parsed.error) };
  } catch (error) {
    return { problem: `${name} cannot check these arguments: ${messageOf(error)}` };
  }
}

function failed(error: Failure): Proposal {
  return { status: "failed", error };
}

interface Resolved {
  readonly tool: AnyTool;
  readonly args: ProposedCall["args"];
  readonly origins: readonly Origin[];
}

/**
 * The labels of what the model did not write. A text that it wrote around a result is under its turn's control too, and what
 * a person wrote is theirs, but for the results in it. A whole value that is exactly what the person typed is theirs, wherever it
 * was read; not so for commands, where words do more than name something.
 */
function labelsOf(run: Run, { record, edited }: LiveTodo, { tool, args, origins }: Resolved): ProposedCall["argumentLabels"] {
  const typed = origins.length === 0 || tool.effects.includes("exec") ? null : run.ownWords;
  const byHand = edited.map((name): [string, Label] => [pointerTo(name), userLabel]);
  const isByHand = (pointer: string): boolean => byHand.some(([at]) => pointer === at || pointer.startsWith(`${at}/`));
  const results = origins.map(({ pointer, label, whole }): [string, Label] => {
    if (!whole) return [pointer, joinLabels(label, isByHand(pointer) ? userLabel : record.control)];
    return [pointer, typed?.has(valueAt(args, pointer)) === true ? { ...label, integrity: "user" } : label];
  });
  return Object.fromEntries([...byHand, ...results]);
}

/** Null where the tool's own reading of its arguments has moved it. */
function valueAt(args: ProposedCall["args"], pointer: string): Json {
  let value: unknown = args;
  for (const token of pointer.split("/").slice(1)) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    value = typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : null;
  }
  return typeof value === "string" || typeof value === "number" ? value : null;
}

interface Labelled {
  readonly args: ProposedCall["args"];
  readonly control: Label;
  readonly labels: ProposedCall["argumentLabels"];
}

/**
 * What holds a secret of this process, or stands for one that was kept from the model, is labelled so: an effect with either would
 * be another than the one meant. Where nothing happens it is not: the label would outlast the call.
 */
function withSecrets({ redactor }: Run, tool: AnyTool, { args, control, labels }: Labelled): ProposedCall["argumentLabels"] {
  if (redactor.isEmpty || !isEffect(tool)) return labels;
  const secret = Object.keys(args).filter((name) => redactor.holdsSecret({ [name]: args[name] }));
  const marked = secret.map((name): [string, Label] => {
    const pointer = pointerTo(name);
    return [pointer, { ...(labels[pointer] ?? control), confidentiality: "secret" }];
  });
  return { ...labels, ...Object.fromEntries(marked) };
}

/** As a JSON pointer into all arguments. */
export function pointerTo(argument: string): string {
  return `/${argument.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function explain(tool: string, { issues }: z.core.$ZodError): string {
  const first = issues.slice(0, 3).map((issue) => issueText(issue));
  return `${tool} cannot take these arguments: ${first.join("; ")}.`;
}
