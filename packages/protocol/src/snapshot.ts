import { z } from "zod";
import { approvalAnswerSchema, approvalSchema } from "./approval.ts";
import { failureSchema } from "./error.ts";
import { attachmentSchema, eventData, usageSchema } from "./event.ts";
import { jsonSchema } from "./json.ts";
import type { ApprovalState, MessageState, PartState, RunState, SessionState, TodoState, TurnState } from "./state.ts";
import { todoSchema } from "./todo.ts";
import { lateResultSchema, unknownFactsSchema } from "./unknown.ts";
import { modeSchema, planFormatSchema, runStatusSchema, stopReasonSchema } from "./words.ts";

const part: z.ZodType<PartState> = eventData["part-opened"].extend({
  status: z.enum(["open", "closed"]),
  text: z.string(),
  cut: z.boolean(),
});

const todo: z.ZodType<TodoState> = todoSchema.extend({
  attempt: z.number().int(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  ms: z.number().nullable(),
  preview: jsonSchema.nullable(),
  outputRef: z.string().nullable(),
  error: failureSchema.nullable(),
  note: z.string().nullable(),
  line: z.string().nullable(),
  silentSeconds: z.number().int().nullable(),
  retryAt: z.string().nullable(),
  facts: unknownFactsSchema.optional(),
  late: lateResultSchema.optional(),
});

const approval: z.ZodType<ApprovalState> = approvalSchema.extend({
  answer: approvalAnswerSchema.nullable(),
  requestedAt: z.string(),
});

const turn: z.ZodType<TurnState> = z.object({
  turn: z.number().int(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  usage: usageSchema.nullable(),
});

const run: z.ZodType<RunState> = z.object({
  runId: z.string(),
  messageId: z.string(),
  status: runStatusSchema,
  model: z.string().nullable(),
  turn: z.number().int(),
  queuedAt: z.string(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  stopReason: stopReasonSchema.nullable(),
  usage: usageSchema.nullable(),
  cost: z.number().nullable(),
  error: failureSchema.nullable(),
  turns: z.array(turn),
  todos: z.array(todo),
  parts: z.array(part),
  approvals: z.array(approval),
  checkpoints: z.array(eventData["checkpoint-created"].extend({ restored: z.boolean(), hunks: z.array(z.string()).optional() })),
  steers: z.array(z.string()),
  notices: z.array(z.string()),
});

const message: z.ZodType<MessageState> = z.object({
  messageId: z.string(),
  runId: z.string().nullable(),
  role: z.enum(["user", "assistant"]),
  text: z.string(),
  at: z.string(),
  attachments: z.array(attachmentSchema),
});

/** A snapshot as it comes over the wire: the state of the reducer, trimmed. */
export const sessionStateSchema: z.ZodType<SessionState> = z.object({
  sessionId: z.string(),
  seq: z.number().int().min(0),
  title: z.string(),
  workspace: z.string().nullable(),
  model: z.string(),
  mode: modeSchema,
  planFormat: planFormatSchema.nullable(),
  archived: z.boolean(),
  deleted: z.boolean(),
  messages: z.array(message),
  activeRuns: z.record(z.string(), run),
  endedRuns: z.record(z.string(), run),
  truncated: z.boolean(),
});
