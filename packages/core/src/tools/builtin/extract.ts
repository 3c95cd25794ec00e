import { type Json, jsonSchema } from "@orquestra/protocol";
import { z } from "zod";
import { ToolError } from "../tool-error.ts";
import { type AnyTool, defineTool } from "../tool.ts";
import { materialsOf } from "./ask-model.ts";

const fieldKind = z.union([z.enum(["text", "number", "yes_no"]), z.array(z.string().min(1).max(200)).min(1).max(50)]);
const fieldName = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/);
const input = z.object({
  fields: z
    .record(fieldName, fieldKind)
    .refine((fields) => Object.keys(fields).length > 0, { error: "Name at least one field." }),
  inputs: z.array(jsonSchema).optional(),
});

type Fields = z.infer<typeof input>["fields"];

const longestText = 4000;
const tries = 2;

/**
 * Values out of text by a model that can do nothing else: no tools, a fixed form, and what it answers is checked against that.
 * They are as trustworthy as what they were taken from: a list to choose from bounds what a hostile text can choose, not who chose.
 */
export const extractTool: AnyTool = defineTool({
  name: "extract",
  description:
    "Takes values out of results of earlier todos, given behind the fields: each field is text, number, yes_no or a list of " +
    "choices. What is not there is null. Use $n.values.NAME afterwards.",
  input,
  output: z.object({ values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])) }),
  rest: "inputs",
  effects: [],
  critical: [],
  integrity: "inputs",
  idempotent: true,
  undoable: false,
  timeoutMs: 180_000,
  silentAfterMs: 45_000,
  title: ({ fields }) => `Extract ${typeof fields === "object" && fields !== null ? Object.keys(fields).join(", ") : "values"}`,
  async run({ fields, inputs = [] }, call) {
    const form = formOf(fields);
    const question = questionOf(fields);
    let complaint = "";
    for (let attempt = 0; attempt < tries; attempt++) {
      const answer = await call.askModel(materialsOf(question + complaint, inputs));
      const parsed = form.safeParse(jsonIn(answer));
      if (parsed.success) return { values: parsed.data };
      complaint = "\n\nYour last answer was not an object of exactly that form. Answer with the JSON object alone.";
    }
    throw new ToolError(
      "extract_failed",
      `The model gave no object with ${Object.keys(fields).join(", ")}. Ask for fewer or plainer fields.`,
    );
  },
});

function formOf(fields: Fields) {
  const kinds = Object.entries(fields).map(([name, kind]) => [name, kindOf(kind).nullable()] as const);
  return z.strictObject(Object.fromEntries(kinds));
}

function kindOf(kind: Fields[string]) {
  if (typeof kind !== "string") return z.enum(kind);
  return { text: z.string().max(longestText), number: z.number(), yes_no: z.boolean() }[kind];
}

function questionOf(fields: Fields): string {
  const wanted = Object.entries(fields).map(([name, kind]) => `  ${JSON.stringify(name)}: ${wordsOf(kind)}`);
  return [
    "Take these values out of the material and answer with one JSON object of exactly this form, and nothing else:",
    "{",
    wanted.join(",\n"),
    "}",
    "A value that the material does not hold is null.",
  ].join("\n");
}

function wordsOf(kind: Fields[string]): string {
  if (typeof kind !== "string") return `one of ${kind.map((choice) => JSON.stringify(choice)).join(", ")}`;
  return { text: "a string", number: "a number", yes_no: "true or false" }[kind];
}

/** The object in an answer, also where words or a fence stand around it; null where there is none. */
function jsonIn(answer: string): Json {
  const [from, to] = [answer.indexOf("{"), answer.lastIndexOf("}")];
  if (from === -1 || to < from) return null;
  try {
    return jsonSchema.parse(JSON.parse(answer.slice(from, to + 1)));
  } catch {
    return null;
  }
}
