import { z } from "zod";
import { failureSchema } from "./error.ts";
import { jsonObjectSchema, jsonSchema } from "./json.ts";

/**
 * A file that an interrupted todo was about to change, as it is now: exactly as it was before, exactly as it was meant to be,
 * neither, or gone though it is part of both.
 */
export const knownFileSchema = z.object({ path: z.string(), state: z.enum(["before", "after", "other", "missing"]) });
export type KnownFile = z.infer<typeof knownFileSchema>;

/** What can be told of a todo whose end nobody saw, beside the sentence. */
export const unknownFactsSchema = z.object({
  /** Resolved: what was started. Absent where the todo's own hold no reference. */
  arguments: jsonObjectSchema.optional(),
  /** Those it had kept for undoing, as a tool does before it changes one. */
  files: z.array(knownFileSchema).optional(),
});
export type UnknownFacts = z.infer<typeof unknownFactsSchema>;

/** How an attempt ended for a process that had lost the run by then. It changes no status: it is told to whoever decides. */
export const lateResultSchema = z.object({
  attempt: z.number().int(),
  status: z.enum(["completed", "failed", "cancelled", "unknown"]),
  preview: jsonSchema.optional(),
  error: failureSchema.optional(),
});
export type LateResult = z.infer<typeof lateResultSchema>;
