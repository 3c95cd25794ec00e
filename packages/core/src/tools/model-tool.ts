import { type Json, jsonSchema } from "@orquestra/protocol";
import { z } from "zod";
import type { ModelTool } from "../llm-provider/index.ts";
import { signatureOf } from "./signature.ts";
import type { AnyTool } from "./tool.ts";

/** The result of an earlier call instead of a value. */
const reference: Json = {
  type: "object",
  properties: { $ref: { type: "string" } },
  required: ["$ref"],
  additionalProperties: false,
};

const made = new WeakMap<AnyTool, ModelTool>();

/** A tool as providers with native calls are told of it: every parameter takes a reference too, and the signature tells the output. */
export function modelToolOf(tool: AnyTool): ModelTool {
  const known = made.get(tool) ?? {
    name: tool.name,
    description: `${signatureOf(tool)}  ${tool.description}`,
    parameters: parametersOf(tool),
  };
  made.set(tool, known);
  return known;
}

function parametersOf(tool: AnyTool): Json {
  const { properties = {}, required = [] } = z.toJSONSchema(tool.input, { io: "input", unrepresentable: "any" });
  const parameters: { [name: string]: Json } = {};
  for (const [name, schema] of Object.entries(properties)) parameters[name] = { anyOf: [jsonSchema.parse(schema), reference] };
  return { type: "object", properties: parameters, required, additionalProperties: false };
}
