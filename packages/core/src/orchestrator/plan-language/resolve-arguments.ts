import { type Json, type Label, joinAll, joinLabels } from "@orquestra/protocol";
import type { StoredArguments } from "./plan-part.ts";
import { pointerOf } from "./reference-path.ts";
import { type MissingReference, ReferenceMissing, type ResultLookup, labelOf, valueOf } from "./reference-values.ts";
import { type StoredReference, storedLiteral, storedParts, storedReference } from "./references.ts";
import { isArray } from "./stored-form.ts";

/** Where a value in resolved arguments came from. */
export interface Origin {
  /** JSON pointer of the value in the resolved arguments. A text made of several results has one origin for each. */
  readonly pointer: string;
  readonly todoId: string;
  /** JSON pointer into the todo's result, `*` for every element. */
  readonly path: string;
  /** The joined label of all results in the value at `pointer`. */
  readonly label: Label;
  /** False: the value is a text that the model wrote around the result, so its label is to be joined with the control label. */
  readonly whole: boolean;
}

export type ResolvedArguments =
  | {
      readonly status: "resolved";
      readonly args: { readonly [name: string]: Json };
      readonly origins: readonly Origin[];
      /** The joined label of the results in each argument; arguments without any are not named. */
      readonly labels: { readonly [argument: string]: Label };
      /** The joined label of all results used; the label of nothing when there are none. */
      readonly joined: Label;
    }
  | MissingReference;

/** Puts results in place of references. Without references the arguments come back as plain JSON. */
export function resolveArguments(args: StoredArguments, lookup: ResultLookup): ResolvedArguments {
  const resolution = new Resolution(lookup);
  try {
    const resolved = Object.entries(args).map(([name, value]) => [name, resolution.resolve(value, pointerOf([name]))] as const);
    return {
      status: "resolved",
      args: Object.fromEntries(resolved),
      origins: resolution.origins,
      labels: labelsByArgument(Object.keys(args), resolution.origins),
      joined: joinAll(resolution.origins.map(({ label }) => label)),
    };
  } catch (error) {
    if (error instanceof ReferenceMissing) return error.report;
    throw error;
  }
}

class Resolution {
  readonly origins: Origin[] = [];
  readonly #lookup: ResultLookup;

  constructor(lookup: ResultLookup) {
    this.#lookup = lookup;
  }

  resolve(value: Json, pointer: string): Json {
    if (typeof value !== "object" || value === null) return value;
    const literal = storedLiteral(value);
    if (literal !== undefined) return literal;
    const reference = storedReference(value);
    if (reference !== null) return this.#whole(reference, pointer);
    const parts = storedParts(value);
    if (parts !== null) return this.#text(parts, pointer);
    if (isArray(value)) return value.map((item, index) => this.resolve(item, `${pointer}/${index}`));
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, this.resolve(inner, pointer + pointerOf([key]))]),
    );
  }

  #whole(reference: StoredReference, pointer: string): Json {
    this.origins.push(originOf(reference, { pointer, label: labelOf(reference, this.#lookup), whole: true }));
    return valueOf(reference, this.#lookup);
  }

  #text(parts: readonly Json[], pointer: string): string {
    const references = parts.flatMap((part) => storedReference(part) ?? []);
    const label = joinAll(references.map((reference) => labelOf(reference, this.#lookup)));
    for (const reference of references) this.origins.push(originOf(reference, { pointer, label, whole: false }));
    return parts.map((part) => this.#textOf(part)).join("");
  }

  #textOf(part: Json): string {
    const reference = storedReference(part);
    const value = reference === null ? part : valueOf(reference, this.#lookup);
    return typeof value === "string" ? value : JSON.stringify(value);
  }
}

function originOf({ todoId, path }: StoredReference, at: Pick<Origin, "pointer" | "label" | "whole">): Origin {
  return { ...at, todoId, path: pointerOf(path) };
}

function labelsByArgument(names: readonly string[], origins: readonly Origin[]): { readonly [argument: string]: Label } {
  const labels = new Map<string, Label>();
  for (const { pointer, label } of origins) {
    const argument = names.find((name) => pointer === pointerOf([name]) || pointer.startsWith(`${pointerOf([name])}/`));
    if (argument !== undefined) labels.set(argument, joinLabels(labels.get(argument) ?? label, label));
  }
  return Object.fromEntries(labels);
}
