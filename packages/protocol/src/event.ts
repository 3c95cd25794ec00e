import { z } from "zod";
import { approvalAnswerSchema, approvalSchema } from "./approval.ts";
import { failureSchema } from "./error.ts";
import { jsonObjectSchema, jsonSchema } from "./json.ts";
import { labelSchema } from "./label.ts";
import { todoSchema } from "./todo.ts";
import { lateResultSchema, unknownFactsSchema } from "./unknown.ts";
import { approvalKindSchema, modeSchema, planFormatSchema, stopReasonSchema, todoStatusSchema } from "./words.ts";

/** Tokens, as the provider counted them. */
export const usageSchema = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  /** Part of the input. */
  cachedInputTokens: z.number().optional(),
  /** Part of the input: written into the provider's cache, where it counts that. */
  cacheWriteTokens: z.number().optional(),
  /** Input and output of calls whose price nobody knows: a cost leaves them out. */
  unpricedTokens: z.number().optional(),
});
export type Usage = z.infer<typeof usageSchema>;

export const attachmentSchema = z.object({ type: z.literal("file"), path: z.string() });
export type Attachment = z.infer<typeof attachmentSchema>;

const sessionFields = {
  title: z.string(),
  workspace: z.string().nullable(),
  model: z.string(),
  mode: modeSchema,
  planFormat: planFormatSchema.nullable(),
};
const todoId = z.string();
const memoryRecord = z.object({
  memoryId: z.string(),
  kind: z.enum(["fact", "preference"]),
  text: z.string(),
  quote: z.string(),
  scope: z.string(),
  label: labelSchema,
  status: z.enum(["proposed", "active", "superseded", "deleted"]),
});

/** Data of each durable event, by type. A change here changes the wire: the golden file in this package must be renewed with it. */
export const eventData = {
  "session-created": z.object(sessionFields),
  "session-updated": z.object({ ...sessionFields, archived: z.boolean() }).partial(),
  "session-deleted": z.object({}),

  "message-received": z.object({ messageId: z.string(), text: z.string(), attachments: z.array(attachmentSchema).optional() }),
  "message-queued": z.object({ messageId: z.string(), position: z.number().int() }),
  "message-removed": z.object({ messageId: z.string() }),
  "message-updated": z.object({ messageId: z.string(), text: z.string() }),

  "run-queued": z.object({ messageId: z.string() }),
  "run-started": z.object({ model: z.string() }),
  "run-waiting": z.object({}),
  "run-resumed": z.object({}),
  "run-steered": z.object({ text: z.string() }),
  /** Another process takes it up where one died, or gave it away, in the middle of its work; `turn` had begun by then. */
  "run-recovered": z.object({ turn: z.number().int() }),
  "run-completed": z.object({ stopReason: stopReasonSchema, usage: usageSchema, cost: z.number().nullable() }),
  "run-failed": z.object({ error: failureSchema, usage: usageSchema.optional(), cost: z.number().nullable().optional() }),
  "run-cancelled": z.object({ usage: usageSchema.optional(), cost: z.number().nullable().optional() }),

  /** `prompt`: what the model was told, as `lines-1`: the plan format and the version of its instructions. */
  "turn-started": z.object({ turn: z.number().int(), prompt: z.string().optional() }),
  /** `cut`: its stream broke off; the next turn goes on from what ran until then. */
  "turn-completed": z.object({ turn: z.number().int(), usage: usageSchema, cut: z.boolean().optional() }),

  "todo-added": z.object({ todo: todoSchema }),
  "todo-updated": z.object({
    todoId,
    status: todoStatusSchema.optional(),
    args: jsonObjectSchema.optional(),
    dependsOn: z.array(z.string()).optional(),
    title: z.string().optional(),
    control: labelSchema.optional(),
    edited: z.array(z.string()).optional(),
    /** A person told it to stop, and its tool has not ended yet. */
    stopping: z.boolean().optional(),
  }),
  "todo-invalid": z.object({ todoId, line: z.string(), error: failureSchema, turn: z.number().int() }),
  "todo-started": z.object({ todoId, attempt: z.number().int() }),
  /** It runs and has given no sign of life for so long; 0: it has given one again. */
  "todo-silent": z.object({ todoId, seconds: z.number().int().min(0) }),
  "todo-retried": z.object({ todoId, attempt: z.number().int(), error: failureSchema, delayMs: z.number() }),
  "todo-completed": z.object({
    todoId,
    /** The result, or its head and tail when it is long; `outputRef` then reads the rest. */
    preview: jsonSchema,
    ms: z.number(),
    outputRef: z.string().optional(),
  }),
  "todo-failed": z.object({ todoId, error: failureSchema, ms: z.number().optional() }),
  "todo-skipped": z.object({ todoId, reason: z.string() }),
  "todo-cancelled": z.object({ todoId, reason: z.string().optional() }),
  "todo-unknown": unknownFactsSchema.extend({ todoId, known: z.string() }),
  /** What an earlier process reports of an attempt, after another one had taken its run. */
  "todo-result-late": lateResultSchema.extend({ todoId }),

  "approval-requested": approvalSchema,
  "approval-resolved": approvalAnswerSchema.extend({ kind: approvalKindSchema.optional() }),

  "part-opened": z.object({
    partId: z.string(),
    messageId: z.string(),
    turn: z.number().int(),
    kind: z.enum(["text", "reasoning"]),
  }),
  "part-closed": z.object({ partId: z.string(), text: z.string(), cut: z.boolean().optional() }),
  "message-completed": z.object({ messageId: z.string(), text: z.string() }),

  "checkpoint-created": z.object({
    todoId,
    path: z.string(),
    status: z.enum(["created", "changed", "deleted"]),
    added: z.number().int(),
    removed: z.number().int(),
  }),
  /** The file was not changed after all. */
  "checkpoint-dropped": z.object({ todoId, path: z.string() }),
  /** `hunks`: only these are undone now, the rest of the change stands. */
  "checkpoint-restored": z.object({
    todoId,
    paths: z.array(z.string()),
    redo: z.boolean().optional(),
    hunks: z.array(z.string()).optional(),
  }),

  "memory-proposed": memoryRecord,
  "memory-changed": memoryRecord,
  "memory-used": z.object({ memoryIds: z.array(z.string()) }),
  "context-compacted": z.object({ turn: z.number().int(), dropped: z.number().int(), tokens: z.number().int() }),
  "budget-reached": z.object({
    budget: z.enum(["rounds", "todos", "tokens", "cost", "time"]),
    limit: z.number(),
    used: z.number(),
  }),
  "tools-changed": z.object({ added: z.array(z.string()), removed: z.array(z.string()) }),
  notice: z.object({ text: z.string() }),
} as const;

export type EventType = keyof typeof eventData;
export type EventData<T extends EventType> = z.infer<(typeof eventData)[T]>;

interface Envelope<T extends EventType> {
  readonly v: 1;
  readonly type: T;
  readonly sessionId: string;
  /** Gapless per session, from 1. */
  readonly seq: number;
  /** ISO time, milliseconds. */
  readonly at: string;
  readonly runId?: string | undefined;
  readonly data: EventData<T>;
}

/** The one union of everything durable that can happen in a session. */
export type OrquestraEvent = { [T in EventType]: Envelope<T> }[EventType];

/** An event before the log gave it its number and time. */
export type NewEvent = {
  [T in EventType]: { readonly type: T; readonly runId?: string | undefined; readonly data: EventData<T> };
}[EventType];

const envelope = {
  v: z.literal(1),
  sessionId: z.string(),
  seq: z.number().int().positive(),
  at: z.string(),
  runId: z.string().optional(),
};

const eventSchemas = new Map<string, z.ZodType>(
  Object.entries(eventData).map(([type, data]) => [type, z.object({ ...envelope, type: z.literal(type), data })]),
);

/** Parses an event at the edges (out of the database, off the socket). Throws a ZodError. */
export function parseEvent(value: unknown): OrquestraEvent {
  const type = typeOf(value);
  const schema = eventSchemas.get(type);
  if (schema === undefined) throw new Error(`unknown event type ${JSON.stringify(type)}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made from the table the union is made from
  return schema.parse(value) as OrquestraEvent;
}

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventData, type);
}

function typeOf(value: unknown): string {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string" ? value.type : "";
}
