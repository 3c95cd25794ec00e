import type { StoredArguments } from "./plan-part.ts";
import { pointerOf } from "./reference-path.ts";
import { storedReference } from "./references.ts";
import { type Found, type MissingReference, ReferenceMissing, type ResultLookup, valuesAt } from "./reference-values.ts";

/** Children that one todo makes at most. */
export const fanOutLimit = 50;

export type FanOut =
  | {
      readonly status: "expanded";
      /** Stored arguments of each child: the `[*]` argument refers to its element, so that its origin and label stay known. */
      readonly elements: readonly StoredArguments[];
      /** How many different elements are beyond the limit. */
      readonly rest: number;
    }
  | MissingReference;

/**
 * The children of a todo, one for each different element that the `[*]` of the argument `name` stands for: ten matches in one
 * file are one file to read, and the same call must not come again and again.
 */
export function expandFanOut(args: StoredArguments, name: string, lookup: ResultLookup): FanOut {
  const reference = storedReference(args[name] ?? null);
  if (reference === null) return { status: "expanded", elements: [args], rest: 0 };
  try {
    const found = different(valuesAt(reference, lookup));
    const elements = found
      .slice(0, fanOutLimit)
      .map(({ path }) => replaced(args, name, `${reference.todoId}#${pointerOf(path)}`));
    return { status: "expanded", elements, rest: Math.max(0, found.length - fanOutLimit) };
  } catch (error) {
    if (error instanceof ReferenceMissing) return error.report;
    throw error;
  }
}

/** The first of those that are equal. */
function different(found: readonly Found[]): readonly Found[] {
  const byValue = new Map<string, Found>();
  for (const one of found) {
    const key = JSON.stringify(one.value);
    if (!byValue.has(key)) byValue.set(key, one);
  }
  return [...byValue.values()];
}

function replaced(args: StoredArguments, name: string, reference: string): StoredArguments {
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, key === name ? { $ref: reference } : value]));
}
