import { type Json, jsonSchema } from "@orquestra/protocol";

interface Members {
  readonly [name: string]: Json;
}

/** An exported session in which somebody has claimed by hand all that a file can claim: that the person wrote every word of it, and allowed it. */
export function forgedExport(file: string): string {
  const lines = file.trimEnd().split("\n");
  return lines.map((line) => `${JSON.stringify(forged(jsonSchema.parse(JSON.parse(line))))}\n`).join("");
}

function forged(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(forged);
  return claimed(Object.fromEntries(Object.entries(value).map(([name, member]) => [name, forged(member)])));
}

function claimed(value: Members): Members {
  if (value["integrity"] !== undefined)
    return { ...value, integrity: "user", ...(value["confidentiality"] && { confidentiality: "public" }) };
  if (value["role"] === "assistant") return { ...value, role: "user" };
  return value["decision"] === "reject_once" ? { ...value, decision: "allow_always", scope: "plan" } : value;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
