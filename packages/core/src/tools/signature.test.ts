import { jsonSchema } from "@orquestra/protocol";
import { expect, test } from "vitest";
import { z } from "zod";
import { positionalNames, signatureOf } from "./signature.ts";
import { type AnyTool, defineTool } from "./tool.ts";

function tool(input: z.ZodObject, output: z.ZodType, rest?: string): AnyTool {
  return defineTool({
    name: "try",
    description: "For the signature only.",
    input,
    output,
    ...(rest === undefined ? {} : { rest }),
    effects: [],
    critical: [],
    integrity: "inputs",
    idempotent: true,
    undoable: false,
    timeoutMs: 1000,
    run: async () => ({}),
  });
}

test("a signature names the arguments, and types only where they help", () => {
  const input = z.object({
    pattern: z.string(),
    path: z.string().optional(),
    limit: z.number().int().optional(),
    all: z.boolean().default(false),
    kind: z.enum(["a", "b"]).optional(),
    tags: z.array(z.string()).optional(),
    env: z.record(z.string(), z.string()).optional(),
    edits: z.array(z.object({ find: z.string(), all: z.boolean().optional() })).optional(),
    size: z.union([z.string(), z.number()]),
  });
  const output = z.object({ matches: z.array(z.object({ path: z.string(), line: z.number() })), truncated: z.boolean() });
  expect(signatureOf(tool(input, output))).toBe(
    'try(pattern, path?, limit?: number, all?: boolean, kind?: "a"|"b", tags?: [string], env?: {[name]: string}, ' +
      "edits?: [{find, all?}], size: string|number) → {matches: [{path, line}], truncated}",
  );
});

test.each([
  [z.object({}), "{}"],
  [z.string(), "string"],
  [z.object({ path: z.string().nullable() }), "{path: string|null}"],
  [z.object({ kind: z.enum(["file", "folder"]), note: z.string().optional() }), '{kind: "file"|"folder", note?}'],
  [z.object({ value: jsonSchema }), "{value}"],
  [z.array(z.array(z.number())), "[[number]]"],
  [z.record(z.string(), z.object({ count: z.number() })), "{[name]: {count}}"],
  [
    z.discriminatedUnion("ok", [z.object({ ok: z.literal(true) }), z.object({ ok: z.literal(false), why: z.string() })]),
    "{ok: true}|{ok: false, why}",
  ],
])("an output reads %#", (output, text) => {
  expect(signatureOf(tool(z.object({}), output))).toBe(`try() → ${text}`);
});

test("the rest argument is shown with dots and takes no position of its own", () => {
  const variadic = tool(
    z.object({ question: z.string(), inputs: z.array(jsonSchema).optional() }),
    z.object({ answer: z.string() }),
    "inputs",
  );
  expect(signatureOf(variadic)).toBe("try(question, ...inputs) → {answer}");
  expect(positionalNames(variadic)).toEqual(["question"]);
});

test("positional names follow the order of the schema's keys", () => {
  expect(positionalNames(tool(z.object({ b: z.string(), a: z.string().optional() }), z.object({})))).toEqual(["b", "a"]);
});
