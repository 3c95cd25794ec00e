import { z } from "zod";
import { jsonObjectSchema } from "./json.ts";
import { labelSchema } from "./label.ts";
import { effectSchema, todoStatusSchema } from "./words.ts";

/**
 * One tool call of a plan as clients see it.
 * `args` is the stored form: references are `{"$ref":"t1#/path"}`, built strings `{"$concat":[…]}`.
 * `control` is the joined label of everything the model had read when it wrote the todo.
 */
export const todoSchema = z.object({
  id: z.string(),
  tool: z.string(),
  title: z.string(),
  args: jsonObjectSchema,
  dependsOn: z.array(z.string()),
  effects: z.array(effectSchema),
  control: labelSchema,
  status: todoStatusSchema,
  /** The turn that wrote it, counted from 1 within the run. */
  turn: z.number().int(),
  /** The todo whose `[*]` argument made this one. */
  parent: z.string().optional(),
  /** Arguments whose value a person wrote. */
  edited: z.array(z.string()).optional(),
});
export type Todo = z.infer<typeof todoSchema>;
