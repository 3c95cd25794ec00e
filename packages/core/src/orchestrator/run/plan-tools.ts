import type { Failure, Json } from "@orquestra/protocol";
import { z } from "zod";
import { type AnyTool, type ToolRegistry, positionalNames } from "../../tools/index.ts";
import { issueText } from "./wrong-arguments.ts";
import { type PlanTool, type PlanTools, referencesOf } from "../plan-language/index.ts";

const made = new WeakMap<AnyTool, PlanTool>();

/** The tools as the plan language needs them: names, order of arguments, and a check that lets references pass. */
export function planTools(tools: ToolRegistry): PlanTools {
  return {
    find: (name) => {
      const tool = tools.get(name);
      return tool === null ? null : planToolOf(tool);
    },
    names: () => tools.list().map(({ name }) => name),
  };
}

export function planToolOf(tool: AnyTool): PlanTool {
  const known = made.get(tool) ?? planTool(tool);
  made.set(tool, known);
  return known;
}

function planTool(tool: AnyTool): PlanTool {
  return {
    name: tool.name,
    positional: positionalNames(tool),
    ...(tool.rest === undefined ? {} : { rest: tool.rest }),
    commandArguments: tool.effects.includes("exec") ? tool.critical : [],
    acceptsList: (argument) => acceptsList(tool.input.shape[argument]),
    check: (args) => check(tool, args),
  };
}

/** Unknown and missing arguments, and values that are wrong whatever the references turn out to be. */
function check(tool: AnyTool, args: { readonly [name: string]: Json }): Failure | null {
  const { shape } = tool.input;
  for (const name of Object.keys(args)) {
    if (!Object.hasOwn(shape, name)) return wrong(tool, `it has no argument ${name}`);
  }
  for (const [name, schema] of Object.entries(shape)) {
    const value = args[name];
    if (value !== undefined && referencesOf({ [name]: value }).length > 0) continue;
    const parsed = z.safeParse(schema, value === undefined ? undefined : plain(value));
    if (parsed.success) continue;
    const [issue] = parsed.error.issues;
    return wrong(tool, value === undefined || issue === undefined ? `${name} is missing` : issueText(issue, [name]));
  }
  return null;
}

/** A stored value without references as the tool will get it. */
function plain(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => plain(item));
  if ("$literal" in value) return value["$literal"] ?? null;
  return Object.fromEntries(Object.entries(value).map(([name, inner]: [string, Json]) => [name, plain(inner)]));
}

function wrong(tool: AnyTool, why: string): Failure {
  return { code: "bad_arguments", message: `${tool.name}(${positionalNames(tool).join(", ")}): ${why}.` };
}

function acceptsList(schema: unknown): boolean {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodNullable)
    inner = inner.unwrap();
  return inner instanceof z.ZodArray;
}
