import { hash } from "node:crypto";
import type { Json } from "@orquestra/protocol";
import { PermissionError } from "./permission-error.ts";

/**
 * A deeply frozen copy of a value as JSON would carry it: undefined members are left out.
 * Throws a PermissionError `not_json` for anything JSON cannot carry exactly, so that what was judged is what runs.
 */
export function frozenJson(value: unknown): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return Object.freeze(value.map((element: unknown) => frozenJson(element)));
  if (isPlainObject(value)) return frozenJsonObject(value);
  throw new PermissionError("not_json", `An argument holds ${describe(value)}, which JSON cannot carry.`);
}

/** The same for an object whose type shall stay one. */
export function frozenJsonObject(value: object): { readonly [key: string]: Json } {
  const members: (readonly [string, Json])[] = [];
  for (const [key, member] of Object.entries(value)) if (member !== undefined) members.push([key, frozenJson(member)]);
  return Object.freeze(Object.fromEntries(members));
}

/** One text per value: keys in order of their UTF-16 units, no spaces. Equal texts mean equal values. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  let members = "";
  for (const name of Object.keys(value).toSorted()) {
    members += `${members === "" ? "" : ","}${JSON.stringify(name)}:${canonicalJson(value[name] ?? null)}`;
  }
  return `{${members}}`;
}

export function sameJson(a: Json, b: Json): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

/** SHA-256 over the canonical text, in hex. */
export function hashJson(value: Json): string {
  return hashText(canonicalJson(value));
}

export function hashText(text: string): string {
  return hash("sha256", text);
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  return typeof value === "object" ? "a special object" : typeof value === "number" ? `the number ${value}` : `a ${typeof value}`;
}
