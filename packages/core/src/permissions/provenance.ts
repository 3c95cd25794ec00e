import type { Json } from "@orquestra/protocol";

/** Where in a result a value stands, in words a person can check: "bill.txt, line 6". Null where the result does not say. */
export function placeIn(result: Json, path: readonly string[]): string | null {
  let at: Json = result;
  let place: string | null = nameOf(at);
  for (const key of path) {
    if (typeof at !== "object" || at === null) return place;
    at = (isList(at) ? at[Number(key)] : at[key]) ?? null;
    place = nameOf(at) ?? place;
  }
  return place;
}

export interface FoundText {
  readonly todoId: string;
  readonly place: string | null;
}

export interface KnownText {
  readonly todoId: string;
  readonly value: Json;
}

/**
 * The first result that holds a text word for word, with the line of it where the result tells lines: the model may have copied
 * it from there. For show only, no rule relies on it. Looks at no more than `budget` characters.
 */
export function findText(text: string, results: Iterable<KnownText>, budget = 2_000_000): FoundText | null {
  if (text.length < shortest) return null;
  let left = budget;
  for (const { todoId, value } of results) {
    for (const { leaf, owner } of leavesOf(value)) {
      left -= leaf.length;
      if (left < 0) return null;
      const at = leaf.indexOf(text);
      if (at !== -1) return { todoId, place: owner === null ? null : placeOf(owner, lineOf(owner, leaf, at)) };
    }
  }
  return null;
}

/** Shorter texts stand anywhere by chance. */
const shortest = 4;

interface Owner {
  readonly [key: string]: Json;
}

interface Leaf {
  readonly leaf: string;
  /** The nearest object around it that has a name. */
  readonly owner: Owner | null;
}

function* leavesOf(value: Json, owner: Owner | null = null): Generator<Leaf> {
  if (typeof value === "string") yield { leaf: value, owner };
  if (typeof value !== "object" || value === null) return;
  const around = isList(value) || sourceOf(value) === null ? owner : value;
  for (const member of Object.values(value)) yield* leavesOf(member, around);
}

function nameOf(value: Json): string | null {
  return typeof value === "object" && value !== null && !isList(value) ? placeOf(value, lineBeside(value)) : null;
}

function placeOf(owner: Owner, line: number | null): string | null {
  const source = sourceOf(owner);
  return source === null || line === null ? source : `${source}, line ${line}`;
}

function sourceOf(owner: Owner): string | null {
  const source = owner["path"] ?? owner["url"];
  return typeof source === "string" && source !== "" ? source : null;
}

function lineBeside(owner: Owner): number | null {
  const line = owner["line"];
  return typeof line === "number" ? line : null;
}

/** Of a text of several lines the line in it, counted from where the text begins in its file. */
function lineOf(owner: Owner, leaf: string, at: number): number | null {
  const offset = owner["offset"];
  const first = lineBeside(owner) ?? (typeof offset === "number" ? offset : leaf.includes("\n") ? 1 : null);
  return first === null ? null : first + leaf.slice(0, at).split("\n").length - 1;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
