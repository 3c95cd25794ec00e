import { type Integrity, type Json, type Label, isAtLeast, joinAll, joinLabels } from "@orquestra/protocol";
import { type AnyTool, type Touches, type User, type Workspace, touchesNothing } from "../tools/index.ts";

/** What the model wants to happen, with everything the gate needs to judge it. */
export interface ProposedCall {
  readonly tool: AnyTool;
  /** Resolved and parsed by the tool's input: no references are left. JSON values only. */
  readonly args: { readonly [argument: string]: unknown };
  /**
   * Labels of values that the model did not write itself (taken from results, edited by the person), by JSON pointer
   * into the arguments (`/path`, `/items/0/name`) or by an argument's name. All others carry the control label.
   */
  readonly argumentLabels: { readonly [pointer: string]: Label };
  /** The join of everything the model had read when it wrote the todo. */
  readonly control: Label;
  readonly user: User;
  readonly workspace: Workspace | null;
  readonly sessionId: string;
  readonly runId: string;
  readonly todoId: string;
}

/** A call whose arguments are a frozen copy: what the rules look at is what will run. */
export interface JudgedCall extends ProposedCall {
  readonly args: { readonly [argument: string]: Json };
}

/** Whether a tool does anything but look: changes, runs, sends or costs something. */
export function isEffectful(tool: Pick<AnyTool, "effects">): boolean {
  return tool.effects.some((effect) => effect !== "read");
}

/** The label of one argument: the join of what was put into it, and of the control label where the model wrote any of it. */
export function labelOfArgument(call: ProposedCall, name: string): Label {
  const { argumentLabels } = call;
  const own = `/${pointerToken(name)}`;
  const whole = Object.hasOwn(argumentLabels, name) ? argumentLabels[name] : argumentLabels[own];
  const inner = Object.entries(argumentLabels).filter(([pointer]) => pointer.startsWith(`${own}/`));
  return joinAll([whole ?? call.control, ...inner.map(([, label]) => label)]);
}

/** The join of all that went into a call, its control included: what an output that repeats its inputs is labelled with. */
export function labelOfInputs(call: ProposedCall): Label {
  return joinLabels(call.control, joinAll(Object.values(call.argumentLabels)));
}

export function argumentsBelow(call: ProposedCall, floor: Integrity): readonly string[] {
  // No argument is worse than all together.
  if (isAtLeast(labelOfInputs(call).integrity, floor)) return [];
  return Object.keys(call.args).filter((name) => !isAtLeast(labelOfArgument(call, name).integrity, floor));
}

export function touchesOf(call: ProposedCall): Touches {
  return call.tool.touches?.(call.args) ?? touchesNothing;
}

function pointerToken(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
