import { type Json, jsonSchema } from "@orquestra/protocol";
import { z } from "zod";
import { type AnyTool, defineTool } from "../tool.ts";
import { titleText } from "./files-of.ts";

export const askModelTool: AnyTool = defineTool({
  name: "ask_model",
  description:
    "Asks a model a question about results of earlier todos, given behind the question: summarise, compare, choose, draft.",
  input: z.object({ question: z.string().min(1), inputs: z.array(jsonSchema).optional() }),
  output: z.object({ answer: z.string() }),
  rest: "inputs",
  effects: [],
  critical: [],
  integrity: "inputs",
  idempotent: true,
  undoable: false,
  timeoutMs: 180_000,
  // It tells nothing before its answer is whole.
  silentAfterMs: 45_000,
  title: ({ question }) => `Ask: ${titleText(question, "a question")}`,
  async run({ question, inputs = [] }, call) {
    return { answer: await call.askModel(materialsOf(question, inputs)) };
  },
});

/** A question with the results it is about, each apart from the others. */
export function materialsOf(question: string, inputs: readonly Json[]): string {
  const materials = inputs.map((input, index) => {
    const text = typeof input === "string" ? input : JSON.stringify(input, null, 1);
    return `--- material ${index + 1} of ${inputs.length} ---\n${text}`;
  });
  return [question, ...materials].join("\n\n");
}
