import type { Integrity, Json, Label } from "@orquestra/protocol";
import { OrquestraError } from "../../lib/error.ts";
import { pointerOf, printPath } from "./reference-path.ts";
import type { StoredReference } from "./references.ts";
import { isArray } from "./stored-form.ts";

export interface KnownResult {
  readonly value: Json;
  readonly label: Label;
  /** Parts of it whose integrity its tool vouches for, as in `Tool.fields`. */
  readonly fields?: { readonly [pointer: string]: Integrity };
}

/** The result of a todo, by its id; null while there is none. */
export type ResultLookup = (todoId: string) => KnownResult | null;

export interface MissingReference {
  readonly status: "missing";
  /** As the model would write it: `$1.matches[0].path`. */
  readonly reference: string;
  /** Says what is missing and what is there instead. */
  readonly message: string;
}

/** Caught before it leaves this folder, and given out as its report. */
export class ReferenceMissing extends OrquestraError {
  readonly report: MissingReference;

  constructor(report: MissingReference) {
    super("reference_missing", report.message);
    this.report = report;
  }
}

/** A value in a result; `path` has the index that was taken in place of each `*`. */
export interface Found {
  readonly value: Json;
  readonly path: readonly string[];
}

/** Every value that a reference stands for, with the path that `*` took to it. Throws ReferenceMissing. */
export function valuesAt(reference: StoredReference, lookup: ResultLookup): readonly Found[] {
  let found: readonly Found[] = [{ value: resultOf(reference, lookup).value, path: [] }];
  for (const key of reference.path) found = found.flatMap((at) => stepInto(at, key, reference));
  return found;
}

/** The label of what a reference stands for: that of the result it goes into, unless its tool minted the part. Throws ReferenceMissing. */
export function labelOf(reference: StoredReference, lookup: ResultLookup): Label {
  const { label, fields = {} } = resultOf(reference, lookup);
  const pointer = reference.path.map((key) => (/^\d+$/.test(key) ? "/*" : pointerOf([key]))).join("");
  const minted = Object.hasOwn(fields, pointer) ? fields[pointer] : undefined;
  if (minted === undefined || !valuesAt(reference, lookup).every(({ value }) => isPlain(value))) return label;
  return { ...label, integrity: minted };
}

function isPlain(value: Json): boolean {
  return value === null || typeof value !== "object";
}

/** The value that a reference stands for: with `*` over a list, the list of what is found. Throws ReferenceMissing. */
export function valueOf(reference: StoredReference, lookup: ResultLookup): Json {
  const found = valuesAt(reference, lookup);
  const [first] = found;
  return isFanned(found, reference) || first === undefined ? found.map(({ value }) => value) : first.value;
}

/** Whether `*` stood for the elements of a list; on an object it is a key like any other. */
function isFanned(found: readonly Found[], { path }: StoredReference): boolean {
  const [first] = found;
  return first === undefined || path.some((key, index) => key === "*" && first.path[index] !== "*");
}

function stepInto({ value, path }: Found, key: string, reference: StoredReference): readonly Found[] {
  if (isArray(value)) {
    if (key === "*") return value.map((item, index) => ({ value: item, path: [...path, String(index)] }));
    const item = /^(?:0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined;
    if (item !== undefined) return [{ value: item, path: [...path, key] }];
    throw missing(reference, `${whereIs(path)} ${listOf(value.length)}`);
  }
  if (typeof value !== "object" || value === null) {
    throw missing(reference, `${whereIs(path)} is ${value === null ? "null" : `a ${typeof value}`}, not a list or an object`);
  }
  const inner = Object.hasOwn(value, key) ? value[key] : undefined;
  if (inner !== undefined) return [{ value: inner, path: [...path, key] }];
  throw missing(reference, `${whereIs(path)} has ${keysOf(Object.keys(value))}`);
}

function whereIs(path: readonly string[]): string {
  return path.length === 0 ? "the result" : printPath(path);
}

function listOf(length: number): string {
  if (length === 0) return "is an empty list";
  if (length === 1) return "is a list of one; its element is [0]";
  return `is a list of ${length}; its elements are [0] to [${length - 1}], or [*] for all`;
}

/** At most 20 keys are named. */
function keysOf(keys: readonly string[]): string {
  if (keys.length === 0) return "no keys";
  const named = keys.slice(0, 20).map((key) => (key.length > 60 ? `${key.slice(0, 60)}…` : key));
  return `the keys ${named.join(", ")}${keys.length > 20 ? ` and ${keys.length - 20} more` : ""}`;
}

function missing({ todoId, path }: StoredReference, why: string): ReferenceMissing {
  const reference = `$${todoId.replace(/^t/, "")}${printPath(path)}`;
  return new ReferenceMissing({ status: "missing", reference, message: `${reference} is not there: ${why}.` });
}

function resultOf(reference: StoredReference, lookup: ResultLookup) {
  const result = lookup(reference.todoId);
  if (result === null) throw missing(reference, `${reference.todoId} has no result`);
  return result;
}
