import type { Json } from "@orquestra/protocol";
import type { Call } from "./call.ts";
import { nearNames } from "./near-names.ts";
import { PlanError, failureCodes } from "./plan-error.ts";
import type { PlanTool, PlanTools, PlannedTodo, StoredArguments } from "./plan-part.ts";
import { fanOutsOf, referencesOf, storedParts, storedReference } from "./references.ts";
import { type StoreContext, storeExpression } from "./stored-form.ts";

/** A todo as the model wrote it, in either format. */
export interface Draft {
  readonly tool: string;
  /** The arguments in stored form, made when the tool is known. Throws a PlanError where they cannot be. */
  readonly args: (tool: PlanTool, idOf: (number: number) => string) => StoredArguments;
  readonly after: readonly number[];
  readonly title: string | null;
  readonly line: string;
}

/** Where a todo finds its place. */
export interface Place {
  readonly id: string;
  readonly number: number;
  readonly tools: PlanTools;
  /** The id that a number stands for in this line. Throws a PlanError where it stands for none. */
  readonly idOf: (number: number) => string;
}

/** Looks everything up and checks it. Throws a PlanError where the todo cannot run. */
export function makeTodo(draft: Draft, { id, number, tools, idOf }: Place): PlannedTodo {
  const tool = tools.find(draft.tool);
  if (tool === null) throw unknownTool(draft.tool, tools);
  const args = draft.args(tool, idOf);
  const fanOut = checkArguments(tool, args);
  const references = referencesOf(args);
  const after = [...new Set(draft.after.map(idOf))];
  const needs = [...new Set([...references, ...after])];
  return { id, number, tool: tool.name, args, references, after, needs, fanOut, title: draft.title, line: draft.line };
}

/** The argument that makes a todo per element, if one does. Throws a PlanError where the tool cannot take the arguments. */
export function checkArguments(tool: PlanTool, args: StoredArguments): string | null {
  refuseCommands(tool, args);
  const [fanOut = null, second] = fanOutsOf(args, tool);
  if (second !== undefined) throw twoFanOuts(fanOut ?? "", second);
  const failure = tool.check(args);
  if (failure !== null) throw new PlanError(failure.code, failure.message);
  return fanOut;
}

/** Arguments of a line by name: positional ones in the tool's order, surplus ones into its rest. */
export function bindArguments(call: Call, tool: PlanTool, context: StoreContext): StoredArguments {
  const bound = new Map<string, Json>();
  const names = tool.positional.filter((name) => name !== tool.rest);
  const surplus: Json[] = [];
  for (const [index, expression] of call.positional.entries()) {
    const name = names[index];
    const value = storeExpression(expression, context);
    if (name === undefined) surplus.push(value);
    else bound.set(name, value);
  }
  if (surplus.length > 0) bound.set(restOf(tool, names), surplus);
  for (const [name, expression] of call.named) {
    if (bound.has(name)) throw new PlanError(failureCodes.arguments, `${tool.name}: the argument ${name} is given twice.`);
    bound.set(name, storeExpression(expression, context));
  }
  return Object.fromEntries(bound);
}

function restOf(tool: PlanTool, names: readonly string[]): string {
  if (tool.rest !== undefined) return tool.rest;
  const signature = `${tool.name}(${names.join(", ")})`;
  throw new PlanError(failureCodes.arguments, `Too many arguments: the call is ${signature}.`);
}

function refuseCommands(tool: PlanTool, args: StoredArguments): void {
  for (const name of tool.commandArguments ?? []) {
    const value = Object.hasOwn(args, name) ? args[name] : undefined;
    if (value === undefined || !hasReference(value)) continue;
    const message = `A result cannot become part of a command (${tool.name}: ${name}): whatever it says would be run. Hand it over in env or stdin.`;
    throw new PlanError(failureCodes.command, message);
  }
}

function hasReference(value: Json): boolean {
  return storedReference(value) !== null || storedParts(value) !== null || referencesOf({ value }).length > 0;
}

function twoFanOuts(first: string, second: string): PlanError {
  const message = `Only one argument may make a todo per element with [*], here ${first} and ${second} do: write one todo for each pair.`;
  return new PlanError(failureCodes.arguments, message);
}

function unknownTool(name: string, tools: PlanTools): PlanError {
  const near = nearNames(name, tools.names());
  const known = tools.names().slice(0, 20).join(", ");
  const hint = near.length > 0 ? `Did you mean ${near.join(" or ")}?` : `The tools are: ${known === "" ? "none" : known}.`;
  return new PlanError(failureCodes.unknownTool, `There is no tool ${name.slice(0, 64)}. ${hint}`);
}
