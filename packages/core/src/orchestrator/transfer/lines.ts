import {
  type OrquestraEvent,
  type SessionState,
  approvalAnswerSchema,
  approvalKindSchema,
  approvalTodoSchema,
  attachmentSchema,
  effectSchema,
  failureSchema,
  jsonObjectSchema,
  jsonSchema,
  labelSchema,
  modeSchema,
  parseEvent,
  planFormatSchema,
  runStatusSchema,
  sessionStateSchema,
  stopReasonSchema,
  todoStatusSchema,
  usageSchema,
} from "@orquestra/protocol";
import { z } from "zod";
import type {
  ApprovalRecord,
  CheckpointRecord,
  MessageRecord,
  RunRecord,
  SessionRecord,
  TodoRecord,
} from "../../persistence/index.ts";

/** What an exported session is, line by line: first its header, last how many lines there are. */
export const formatVersion = 1;

/** Who it belongs to, and what only means something where it was, stays there. */
export interface LineData {
  readonly session: Omit<SessionRecord, "userId" | "tenant">;
  readonly run: Omit<RunRecord, "sessionId" | "userId" | "owner" | "epoch">;
  readonly message: Omit<MessageRecord, "sessionId">;
  readonly todo: Omit<TodoRecord, "sessionId">;
  readonly approval: Omit<ApprovalRecord, "sessionId" | "userId" | "hashes" | "rules">;
  readonly checkpoint: Omit<CheckpointRecord, "sessionId">;
  readonly snapshot: SessionState;
  readonly event: OrquestraEvent;
  readonly end: { readonly lines: number };
}

export type LineType = keyof LineData;
export type Line = { readonly [T in LineType]: { readonly type: T; readonly data: LineData[T] } }[LineType];

/** As they stand in names of files and headers too. */
const id = z.string().regex(/^[\w.:-]{1,200}$/, "must be an id");
const time = z.iso.datetime();
const count = z.int().min(0).max(1_000_000_000);
const label = labelSchema;

export const headerSchema = z.strictObject({ orquestra: z.literal("session"), version: z.int(), exportedAt: time });

const bytes = z.string().transform((text, context): Buffer => {
  const decoded = Buffer.from(text, "base64");
  if (decoded.toString("base64") !== text) context.addIssue({ code: "custom", message: "must be base64" });
  return decoded;
});

const event = z.unknown().transform((value, context): OrquestraEvent => {
  try {
    const parsed = parseEvent(value);
    if (time.safeParse(parsed.at).success) return parsed;
    throw new TypeError("no time");
  } catch {
    context.addIssue({ code: "custom", message: "is no event that this version knows" });
    return z.NEVER;
  }
});

/** In the order in which they stand in a file. */
export const lineSchemas: { readonly [T in LineType]: z.ZodType<LineData[T]> } = {
  session: z.strictObject({
    id,
    title: z.string().max(200),
    workspace: z.string().nullable(),
    model: z.string(),
    mode: modeSchema,
    planFormat: planFormatSchema.nullable(),
    archived: z.boolean(),
    createdAt: time,
    updatedAt: time,
  }),
  run: z.strictObject({
    id,
    messageId: id,
    status: runStatusSchema,
    model: z.string(),
    turn: count,
    usage: usageSchema,
    cost: z.number().nullable(),
    stopReason: stopReasonSchema.nullable(),
    error: failureSchema.nullable(),
    queuedAt: time,
    startedAt: time.nullable(),
    endedAt: time.nullable(),
  }),
  message: z.strictObject({
    id,
    runId: id,
    role: z.enum(["user", "assistant"]),
    turn: count,
    text: z.string(),
    raw: z.string(),
    calls: z.array(
      z.strictObject({ id: z.string(), name: z.string(), argumentsText: z.string(), problem: z.string().nullable() }),
    ),
    label,
    attachments: z.array(attachmentSchema),
    at: time,
  }),
  todo: z.strictObject({
    runId: id,
    id,
    position: z.number(),
    turn: count,
    tool: z.string(),
    title: z.string(),
    args: jsonObjectSchema,
    dependsOn: z.array(z.string()),
    effects: z.array(effectSchema),
    control: label,
    status: todoStatusSchema,
    parent: z.string().nullable(),
    attempt: count,
    result: jsonSchema.nullable(),
    label: label.nullable(),
    error: failureSchema.nullable(),
    note: z.string().nullable(),
    startedAt: time.nullable(),
    endedAt: time.nullable(),
  }),
  approval: z.strictObject({
    id,
    runId: id,
    kind: approvalKindSchema,
    question: z.string().nullable(),
    todos: z.array(approvalTodoSchema),
    answer: approvalAnswerSchema.nullable(),
    requestedAt: time,
    answeredAt: time.nullable(),
  }),
  checkpoint: z.strictObject({
    id,
    runId: id,
    todoId: id,
    path: z.string().max(4096),
    before: bytes.nullable(),
    beforeMode: count,
    after: bytes.nullable(),
    // Not in older files.
    afterMode: count.default(0),
    afterHash: z.string().nullable(),
    undone: z.strictObject({ bytes: bytes.nullable(), hunks: z.array(z.string()).nullable() }).nullable(),
    createdAt: time,
  }),
  snapshot: sessionStateSchema.refine(({ seq }) => seq <= 1e12, "its seq is beyond any log"),
  event,
  end: z.strictObject({ lines: count }),
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the table, in the order they stand there
export const lineOrder = Object.keys(lineSchemas) as readonly LineType[];

export function isLineType(type: unknown): type is LineType {
  return typeof type === "string" && Object.hasOwn(lineSchemas, type);
}
