import { type Json, jsonSchema } from "@orquestra/protocol";
import { z } from "zod";
import type { ModelTool } from "../llm-provider/index.ts";
import { outputOf } from "./signature.ts";
import type { AnyTool } from "./tool.ts";

/** The result of an earlier call instead of a value. It stands at every parameter of every tool, so it is as short as can be. */
const reference: Json = { type: "object", properties: { $ref: { type: "string" } }, required: ["$ref"] };

const made = new WeakMap<AnyTool, ModelTool>();

/** A tool as providers with native calls are told of it: every parameter takes a reference too, and the description tells the output. */
export function modelToolOf(tool: AnyTool): ModelTool {
  const known = made.get(tool) ?? {
    name: tool.name,
    description: `${tool.description} → ${outputOf(tool)}`,
    parameters: parametersOf(tool),
  };
  made.set(tool, known);
  return known;
}

function parametersOf(tool: AnyTool): Json {
  const { properties = {}, required = [] } = z.toJSONSchema(tool.input, {
    io: "input",
    unrepresentable: "any",
    override: shorten,
  });
  const parameters: { [name: string]: Json } = {};
  for (const [name, schema] of Object.entries(properties)) parameters[name] = { anyOf: [jsonSchema.parse(schema), reference] };
  return { type: "object", properties: parameters, required, additionalProperties: false };
}

/** That a whole number is one a computer can hold goes without saying. */
function shorten({ jsonSchema: schema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
}
