import { z } from "zod";
import { jsonSchema } from "./json.ts";
import { integritySchema, labelSchema } from "./label.ts";
import { approvalKindSchema, approvalScopeSchema, decisionSchema, effectSchema } from "./words.ts";

/** Where a value of an argument came from, in words a person can check. */
export const provenanceSchema = z.object({
  /** JSON pointer into the arguments. */
  argument: z.string(),
  integrity: integritySchema,
  /** "copied from t1 (code_search)". */
  source: z.string(),
});
export type Provenance = z.infer<typeof provenanceSchema>;

export const diffLineSchema = z.object({ kind: z.enum(["context", "added", "removed"]), text: z.string() });

/** A hunk of a unified diff. Line numbers are 1-based. `id` is stable while the two texts are. */
export const diffHunkSchema = z.object({
  id: z.string(),
  oldStart: z.number().int(),
  oldLines: z.number().int(),
  newStart: z.number().int(),
  newLines: z.number().int(),
  lines: z.array(diffLineSchema),
});
export type DiffHunk = z.infer<typeof diffHunkSchema>;

export const fileDiffSchema = z.object({
  path: z.string(),
  status: z.enum(["created", "changed", "deleted"]),
  added: z.number().int(),
  removed: z.number().int(),
  hunks: z.array(diffHunkSchema),
  /** True when the file is binary or too large to show line by line. */
  opaque: z.boolean().optional(),
});
export type FileDiff = z.infer<typeof fileDiffSchema>;

/** A command a person is asked for. Every text in it is whole, and what could not be seen is written out. */
export const askedCommandSchema = z.object({
  text: z.string(),
  /** What it could reach where it would run. `sandbox`: the folder, no network; `machine`: whatever the server may. */
  access: z.enum(["sandbox", "network", "machine"]),
  /** What it does, in order, with what there is to say of each. None where it is one program with plain words. */
  parts: z.array(z.object({ text: z.string(), why: z.string() })),
  /** Why nobody can say what it does. */
  unreadable: z.string().optional(),
});
export type AskedCommand = z.infer<typeof askedCommandSchema>;

export const approvalTodoSchema = z.object({
  todoId: z.string(),
  effects: z.array(effectSchema),
  /** "change src/a.ts: 2 lines added, 1 removed". */
  summary: z.string(),
  /** Resolved: what is shown is exactly what will run. */
  arguments: z.record(z.string(), jsonSchema),
  provenance: z.array(provenanceSchema),
  control: labelSchema,
  undoable: z.boolean(),
  /** What it would give to a shell, where it runs a command and says which. */
  command: askedCommandSchema.optional(),
  /** What was read before it was planned and may have asked for it: "https://example.org, in t3 (web_fetch)", "and 2 more". */
  readBefore: z.array(z.string()).optional(),
  /** The rules that made it ask, in words. */
  reasons: z.array(z.string()),
  /** What the files would look like, where the tool can tell. */
  diff: z.array(fileDiffSchema).optional(),
  /** The rule `allow_always` would write; absent where it is refused. */
  rule: z.string().optional(),
  /** The rule `reject_always` would write; absent where it writes none. */
  denyRule: z.string().optional(),
});
export type ApprovalTodo = z.infer<typeof approvalTodoSchema>;

export const approvalSchema = z.object({
  approvalId: z.string(),
  kind: approvalKindSchema,
  todos: z.array(approvalTodoSchema),
  /** The question of a pause; for several todos what all of them would touch. */
  question: z.string().optional(),
});
export type Approval = z.infer<typeof approvalSchema>;

export const approvalAnswerSchema = z.object({
  approvalId: z.string(),
  decision: decisionSchema,
  /** Differing answers per todo. */
  decisions: z.record(z.string(), decisionSchema).optional(),
  reason: z.string().optional(),
  /** How far a yes reaches; absent: once. */
  scope: approvalScopeSchema.optional(),
  /** Who answered: a user id, or `system` when the run ended first. */
  by: z.string(),
});
export type ApprovalAnswer = z.infer<typeof approvalAnswerSchema>;
