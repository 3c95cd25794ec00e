import type { Json } from "@orquestra/protocol";
import type { Expression } from "./expression.ts";
import { PlanError, failureCodes } from "./plan-error.ts";
import { type Reference, type Target, pathOf, pointerOf, readPath, targetOf } from "./reference-path.ts";
import { type TextParts, addText, interpolate } from "./text-literal.ts";

/** What the stored form of one todo is made with. */
export interface StoreContext {
  /** The id of what a reference names, noted as used. Throws a PlanError where there is none. */
  idOf(target: Target): string;
  readonly blocks: readonly string[];
}

/** A value as written, in stored form. */
export function storeExpression(expression: Expression, context: StoreContext): Json {
  if (expression.type === "literal") return expression.value;
  if (expression.type === "text") return storeText(interpolate(expression.pieces), context);
  if (expression.type === "block") return storeText(interpolate([context.blocks[expression.index] ?? ""]), context);
  if (expression.type === "reference") return storeReference(expression.reference, context);
  if (expression.type === "array") return expression.items.map((item) => storeExpression(item, context));
  return storeObject(expression.entries, context);
}

/** A value in JSON, as it stands. Throws a PlanError at a reference or a block. */
export function plainValue(expression: Expression): Json {
  if (expression.type === "literal") return expression.value;
  if (expression.type === "text") return expression.pieces.join("");
  if (expression.type === "array") return expression.items.map(plainValue);
  if (expression.type === "object") {
    return Object.fromEntries(expression.entries.map(([key, value]) => [key, plainValue(value)]));
  }
  throw new PlanError(failureCodes.syntax, 'In JSON a reference is written {"$ref":"$1.path"}, and there are no blocks.');
}

/**
 * JSON from a model, in stored form: `{"$ref":"1#/path"}`, `{"$ref":"t1#/path"}` or `{"$ref":"$1.path"}`, `$concat` and
 * `$literal` mean what they mean there, `{{$1.path}}` in a string is an interpolation, other objects with a `$` key are literal.
 */
export function storeJson(value: Json, context: StoreContext): Json {
  if (typeof value === "string") return storeText(interpolate([value]), context);
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) return value.map((item) => storeJson(item, context));
  const entries = Object.entries(value);
  const marked = entries.find(([key]) => key.startsWith("$"));
  if (marked === undefined) {
    return Object.fromEntries(entries.map(([key, inner]) => [key, storeJson(inner, context)]));
  }
  return entries.length === 1 ? storeMarked(marked, context) : refuseReferences(quote(value));
}

/** A value that is to be taken as it is, in stored form: what has a `$` key is wrapped. */
export function quote(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) return value.map(quote);
  if (Object.keys(value).some((key) => key.startsWith("$"))) return { $literal: value };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, quote(inner)]));
}

export function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** `{"$ref":…}` and the like, by its only key; what is none of them is literal. */
function storeMarked([key, inner]: [string, Json], context: StoreContext): Json {
  if (key === "$literal") return quote(inner);
  if (key === "$ref") return storeReference(readJsonReference(inner), context);
  if (key !== "$concat") return refuseReferences({ $literal: Object.fromEntries([[key, inner]]) });
  if (!isArray(inner)) throw new PlanError(failureCodes.syntax, '"$concat" takes a list of strings and references.');
  const parts: (string | Reference)[] = [];
  for (const part of inner) {
    if (typeof part === "string") addText(parts, part);
    else parts.push(readJsonReference(onlyReference(part)));
  }
  return storeText(parts, context);
}

function onlyReference(value: Json): Json {
  const keys = typeof value === "object" && value !== null && !isArray(value) ? Object.entries(value) : [];
  const [first] = keys;
  if (keys.length !== 1 || first?.[0] !== "$ref") {
    throw new PlanError(failureCodes.syntax, '"$concat" takes strings and {"$ref":"$1.path"}.');
  }
  return first[1];
}

const jsonReference = /^\$?(t?\d{1,4})(?:#(.*))?$/s;

function readJsonReference(value: Json): Reference {
  const text = typeof value === "string" ? value : "";
  const dollar = /^\$(t?\d{1,4})(?!\d)/.exec(text);
  if (dollar !== null) {
    const { path, end } = readPath(text, dollar[0].length);
    const target = targetOf(dollar[1] ?? "0");
    if (end === text.length && target.number > 0) return { ...target, path };
  }
  const found = jsonReference.exec(text);
  const path = found === null ? null : pathOf(found[2] ?? "");
  const target = targetOf(found?.[1] ?? "0");
  if (path !== null && target.number > 0) return { ...target, path };
  const message = `${JSON.stringify(value).slice(0, 80)} is no reference; write {"$ref":"$1.path"}, or wrap what is meant as it stands in {"$literal":…}.`;
  throw new PlanError(failureCodes.syntax, message);
}

function storeReference(reference: Reference, context: StoreContext): Json {
  return { $ref: `${context.idOf(reference)}#${pointerOf(reference.path)}` };
}

function storeText(parts: TextParts, context: StoreContext): Json {
  if (parts.length === 0) return "";
  const [only] = parts;
  if (parts.length === 1 && typeof only === "string") return only;
  return { $concat: parts.map((part) => (typeof part === "string" ? part : storeReference(part, context))) };
}

function storeObject(entries: readonly (readonly [string, Expression])[], context: StoreContext): Json {
  const stored = (): Json => Object.fromEntries(entries.map(([key, value]) => [key, literalValue(value, context)]));
  if (entries.some(([key]) => key.startsWith("$"))) return { $literal: stored() };
  return Object.fromEntries(entries.map(([key, value]) => [key, storeExpression(value, context)]));
}

/** What stands in an object with a `$` key is taken as it is, so a reference there would silently stay one. */
function literalValue(expression: Expression, context: StoreContext): Json {
  if (expression.type === "array") return expression.items.map((item) => literalValue(item, context));
  if (expression.type === "object") {
    return Object.fromEntries(expression.entries.map(([key, value]) => [key, literalValue(value, context)]));
  }
  const stored = storeExpression(expression, context);
  if (typeof stored === "object" && stored !== null) throw new PlanError(failureCodes.syntax, insideLiteral);
  return stored;
}

const insideLiteral =
  "An object with a key that starts with $ is taken as it is, so no reference can stand in it. Put the result in another argument.";

function refuseReferences(literal: Json): Json {
  if (containsReference(literal))
    throw new PlanError(failureCodes.syntax, `${insideLiteral} If it is meant as it stands, wrap it in {"$literal":…}.`);
  return literal;
}

function containsReference(value: Json): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (isArray(value)) return value.some(containsReference);
  return Object.entries(value).some(([key, inner]) => isReferenceText(key, inner) || containsReference(inner));
}

/** Only what would be read as a reference: `{"$ref":"#/definitions/x"}` of a JSON schema is none. */
function isReferenceText(key: string, value: Json): boolean {
  return key === "$ref" && typeof value === "string" && /^\$?t?\d{1,4}(?:#|\.|\[|$)/.test(value);
}
