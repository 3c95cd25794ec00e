import { z } from "zod";
import type { AnyTool } from "./tool.ts";

/**
 * A tool as the model sees it: `code_search(pattern, path?, limit?: number) → {matches: [{path, line, text}], truncated}`.
 * Types are named where a plan needs them: texts among the arguments and plain values in the output go without.
 */
export function signatureOf(tool: AnyTool): string {
  const input = objectOf(schemaOf(tool.input, "input"));
  const parameters = Object.entries(input.properties).map(([name, schema]) => {
    if (name === tool.rest) return `...${name}`;
    const type = typeText(schema);
    const optional = input.required.has(name) ? "" : "?";
    return type === "string" ? name + optional : `${name}${optional}: ${type}`;
  });
  return `${tool.name}(${parameters.join(", ")}) → ${outputOf(tool)}`;
}

/** What it gives back, as the signature writes it. */
export function outputOf(tool: AnyTool): string {
  return typeText(schemaOf(tool.output, "output"));
}

/** What its schema says of its parameters in words, for those of which it says something. */
export function parameterNotes(tool: AnyTool): { readonly [name: string]: string } {
  const { properties } = objectOf(schemaOf(tool.input, "input"));
  const notes = Object.entries(properties).map(([name, schema]) => [name, schema["description"]] as const);
  return Object.fromEntries(notes.filter((note): note is readonly [string, string] => typeof note[1] === "string"));
}

/** The arguments in the order in which a plan may write them without names. What is left over goes into `tool.rest`. */
export function positionalNames(tool: AnyTool): string[] {
  return Object.keys(tool.input.shape).filter((name) => name !== tool.rest);
}

type Schema = { readonly [key: string]: unknown };

function schemaOf(type: z.ZodType, io: "input" | "output"): Schema {
  return z.toJSONSchema(type, { io, unrepresentable: "any" });
}

function typeText(schema: Schema): string {
  const choices = listOf(schema["anyOf"] ?? schema["oneOf"]);
  if (choices !== null) return unionText(choices);
  const values = schema["enum"] ?? ("const" in schema ? [schema["const"]] : undefined);
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join("|");
  const type = schema["type"];
  if (Array.isArray(type)) return unionText(type.map((one: unknown) => ({ ...schema, type: one })));
  switch (type) {
    case "object":
      return objectText(schema);
    case "array":
      return `[${isSchema(schema["items"]) ? typeText(schema["items"]) : "any"}]`;
    case "integer":
      return "number";
    case "string":
    case "number":
    case "boolean":
    case "null":
      return type;
    default:
      return "any";
  }
}

function unionText(choices: readonly Schema[]): string {
  return [...new Set(choices.map((choice) => typeText(choice)))].join("|");
}

function objectText(schema: Schema): string {
  const { properties, required } = objectOf(schema);
  const fields = Object.entries(properties).map(([name, field]) => {
    const text = typeText(field);
    const key = required.has(name) ? name : `${name}?`;
    return ["string", "number", "boolean", "any"].includes(text) ? key : `${key}: ${text}`;
  });
  const others = schema["additionalProperties"];
  if (isSchema(others) && fields.length === 0) return `{[name]: ${typeText(others)}}`;
  return `{${fields.join(", ")}}`;
}

function objectOf(schema: Schema): { properties: { readonly [name: string]: Schema }; required: ReadonlySet<unknown> } {
  const properties = isSchema(schema["properties"]) ? Object.entries(schema["properties"]) : [];
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return {
    properties: Object.fromEntries(properties.filter((entry): entry is [string, Schema] => isSchema(entry[1]))),
    required: new Set(required),
  };
}

function listOf(value: unknown): readonly Schema[] | null {
  return Array.isArray(value) ? value.filter((item): item is Schema => isSchema(item)) : null;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
