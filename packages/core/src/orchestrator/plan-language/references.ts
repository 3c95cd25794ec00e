import type { Json } from "@orquestra/protocol";
import type { PlanTool, StoredArguments } from "./plan-part.ts";
import { pathOf } from "./reference-path.ts";
import { isArray } from "./stored-form.ts";

/** A reference in stored form, taken apart. */
export interface StoredReference {
  readonly todoId: string;
  /** Keys and indices; `*` stands for every element of a list. */
  readonly path: readonly string[];
}

/** The reference that a stored value is; null for every other value. */
export function storedReference(value: Json): StoredReference | null {
  const text = marked(value, "$ref");
  if (typeof text !== "string") return null;
  const hash = text.indexOf("#");
  const path = hash < 0 ? null : pathOf(text.slice(hash + 1));
  return path === null ? null : { todoId: text.slice(0, hash), path };
}

/** The parts of a stored text with references in it; null for every other value. */
export function storedParts(value: Json): readonly Json[] | null {
  const parts = marked(value, "$concat");
  return parts !== undefined && isArray(parts) ? parts : null;
}

/** What a stored value quotes; undefined for every other value. */
export function storedLiteral(value: Json): Json | undefined {
  return marked(value, "$literal");
}

/** Ids of the todos whose results are used, each once, in the order of the arguments. */
export function referencesOf(args: StoredArguments): readonly string[] {
  const found = new Set<string>();
  for (const value of Object.values(args)) collect(value, found);
  return [...found];
}

/** The argument whose `[*]` makes one child per element; null when there is none. With two the first counts. */
export function fanOutOf(args: StoredArguments, tool: Pick<PlanTool, "acceptsList">): string | null {
  return fanOutsOf(args, tool)[0] ?? null;
}

export function fanOutsOf(args: StoredArguments, tool: Pick<PlanTool, "acceptsList">): readonly string[] {
  return Object.entries(args)
    .filter(([name, value]) => storedReference(value)?.path.includes("*") === true && !tool.acceptsList(name))
    .map(([name]) => name);
}

function collect(value: Json, found: Set<string>): void {
  const reference = storedReference(value);
  if (reference !== null) found.add(reference.todoId);
  else if (typeof value === "object" && value !== null && storedLiteral(value) === undefined) {
    for (const inner of storedParts(value) ?? Object.values(value)) collect(inner, found);
  }
}

function marked(value: Json, key: "$ref" | "$concat" | "$literal"): Json | undefined {
  if (typeof value !== "object" || value === null || isArray(value) || !Object.hasOwn(value, key)) return undefined;
  return value[key];
}
