import { z } from "zod";
import { diffHunkSchema, fileDiffSchema } from "./approval.ts";
import { attachmentSchema } from "./event.ts";
import { jsonObjectSchema } from "./json.ts";
import { sessionStateSchema } from "./snapshot.ts";
import {
  approvalScopeSchema,
  decisionSchema,
  effectSchema,
  modeSchema,
  planFormatSchema,
  runStatusSchema,
  whenBusySchema,
} from "./words.ts";

const none = z.strictObject({});
const page = { cursor: z.string().optional(), limit: z.number().int().min(1).max(200).optional() };
const text = z
  .string()
  .min(1)
  .max(512 * 1024);
const title = z.string().min(1).max(200);
const run = { runId: z.string() };
const todo = { ...run, todoId: z.string() };

export const sessionItemSchema = z.object({
  sessionId: z.string(),
  title: z.string(),
  workspace: z.string().nullable(),
  model: z.string(),
  mode: modeSchema,
  planFormat: planFormatSchema.nullable(),
  archived: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
  /** Status of the newest run, if any. */
  status: runStatusSchema.nullable(),
});
export type SessionItem = z.infer<typeof sessionItemSchema>;

export const messageItemSchema = z.object({
  messageId: z.string(),
  sessionId: z.string(),
  runId: z.string(),
  role: z.enum(["user", "assistant"]),
  text: z.string(),
  at: z.string(),
});
export type MessageItem = z.infer<typeof messageItemSchema>;

export const workspaceItemSchema = z.object({ workspace: z.string(), name: z.string(), trusted: z.boolean().nullable() });
export const modelItemSchema = z.object({
  model: z.string(),
  provider: z.string(),
  /** Ready to be used, or what is missing. */
  available: z.boolean(),
  hint: z.string().optional(),
  /** True for the demo model: it is no AI. */
  demo: z.boolean().optional(),
  /** Tokens that fit into one call, where it is known. */
  contextWindow: z.number().int().optional(),
  /** What it can do; absent where it is not known. */
  tools: z.boolean().optional(),
  images: z.boolean().optional(),
  reasoning: z.boolean().optional(),
  /** Whether a cost can be told of its calls. */
  priced: z.boolean().optional(),
});
export const toolItemSchema = z.object({
  name: z.string(),
  description: z.string(),
  signature: z.string(),
  effects: z.array(effectSchema),
});
export const preferenceItemSchema = z.object({ key: z.string(), text: z.string() });
const memoryText = z.object({ text: z.string().min(1).max(4096), scope: z.string().optional() });

const items = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), cursor: z.string().optional() });

/**
 * Every command a client may send: `data` as the server checks it (unknown fields refused), `reply` as the client reads it,
 * `mutates` where the reply is kept under the command's id so that a repeated id does nothing twice.
 */
export const commands = {
  "session-create": {
    mutates: true,
    data: z.strictObject({
      title: title.optional(),
      /** Absent: the server's start folder. `null`: a session without a folder. */
      workspace: z.string().nullable().optional(),
      model: z.string().optional(),
      mode: modeSchema.optional(),
      planFormat: planFormatSchema.optional(),
    }),
    reply: z.object({ sessionId: z.string() }),
  },
  "session-list": {
    mutates: false,
    data: z.strictObject({ ...page, archived: z.boolean().optional() }),
    reply: items(sessionItemSchema),
  },
  "history-search": {
    mutates: false,
    data: z.strictObject({ query: z.string().min(1).max(1000), limit: page.limit }),
    reply: items(messageItemSchema),
  },
  "session-attach": {
    mutates: false,
    data: z.strictObject({ from: z.number().int().min(0).optional() }),
    reply: z.object({
      seq: z.number().int(),
      /** How many connections are attached to the session, on all nodes. */
      watching: z.number().int().optional(),
      snapshot: sessionStateSchema.optional(),
    }),
  },
  "session-detach": { mutates: false, data: none, reply: none },
  "session-update": {
    mutates: true,
    data: z.strictObject({
      title: title.optional(),
      model: z.string().optional(),
      mode: modeSchema.optional(),
      planFormat: planFormatSchema.nullable().optional(),
      archived: z.boolean().optional(),
    }),
    reply: none,
  },
  "session-delete": { mutates: true, data: none, reply: none },

  "message-list": {
    mutates: false,
    data: z.strictObject({ before: z.string().optional(), limit: page.limit }),
    reply: items(messageItemSchema),
  },
  "message-send": {
    mutates: true,
    data: z.strictObject({
      text,
      attachments: z.array(attachmentSchema.strict()).max(50).optional(),
      whenBusy: whenBusySchema.optional(),
    }),
    reply: z.object({ messageId: z.string(), runId: z.string() }),
  },
  "queue-update": {
    mutates: true,
    data: z.strictObject({
      messageId: z.string(),
      text: text.optional(),
      position: z.number().int().min(0).optional(),
      remove: z.boolean().optional(),
    }),
    reply: none,
  },
  "output-read": {
    mutates: false,
    data: z.strictObject({ ref: z.string(), range: z.tuple([z.number().int().min(0), z.number().int().min(0)]).optional() }),
    reply: z.object({ text: z.string(), total: z.number().int() }),
  },

  "run-cancel": { mutates: true, data: z.strictObject(run), reply: none },
  "run-steer": { mutates: true, data: z.strictObject({ ...run, text }), reply: none },
  "todo-edit": { mutates: true, data: z.strictObject({ ...todo, args: jsonObjectSchema }), reply: none },
  /** Ends one that runs, and its processes; the run goes on without it. */
  "todo-cancel": { mutates: true, data: z.strictObject(todo), reply: none },
  "todo-skip": { mutates: true, data: z.strictObject(todo), reply: none },
  "todo-retry": { mutates: true, data: z.strictObject({ ...todo, args: jsonObjectSchema.optional() }), reply: none },
  "todo-resolve": {
    mutates: true,
    data: z.strictObject({ ...todo, outcome: z.enum(["done", "run_again", "skip"]) }),
    reply: none,
  },

  "approval-respond": {
    mutates: true,
    data: z.strictObject({
      approvalId: z.string(),
      decision: decisionSchema,
      decisions: z.record(z.string(), decisionSchema).optional(),
      scope: approvalScopeSchema.optional(),
      reason: z.string().max(4096).optional(),
    }),
    reply: none,
  },

  "checkpoint-diff": {
    mutates: false,
    data: z.strictObject({ ...run, todoId: z.string().optional() }),
    reply: z.object({
      /** `restored`: all of it is undone; `undone`: the hunks that are, where only some are. */
      files: z.array(
        fileDiffSchema.extend({
          todoId: z.string(),
          base: z.string().nullable(),
          restored: z.boolean(),
          undone: z.array(diffHunkSchema.shape.id).optional(),
        }),
      ),
    }),
  },
  "checkpoint-restore": {
    mutates: true,
    data: z.strictObject({
      ...run,
      todoId: z.string().optional(),
      path: z.string().optional(),
      hunks: z.array(diffHunkSchema.shape.id).optional(),
      /** Puts back what an earlier restore took away. */
      redo: z.boolean().optional(),
    }),
    reply: z.object({ restored: z.array(z.string()), conflicts: z.array(z.object({ path: z.string(), message: z.string() })) }),
  },

  "workspace-list": { mutates: false, data: none, reply: items(workspaceItemSchema) },
  "workspace-trust": { mutates: true, data: z.strictObject({ workspace: z.string(), trusted: z.boolean() }), reply: none },
  "workspace-files": {
    mutates: false,
    data: z.strictObject({ query: z.string().max(200), limit: page.limit }),
    reply: z.object({ paths: z.array(z.string()) }),
  },

  "user-get": { mutates: false, data: none, reply: z.object({ id: z.string(), name: z.string(), metadata: jsonObjectSchema }) },
  "user-set": { mutates: true, data: z.strictObject({ metadata: jsonObjectSchema }), reply: none },
  "preference-list": { mutates: false, data: none, reply: items(preferenceItemSchema) },
  /** An empty text removes the preference. */
  "preference-set": {
    mutates: true,
    data: z.strictObject({ key: z.string().min(1).max(100), text: z.string().max(4096) }),
    reply: none,
  },

  "memory-list": { mutates: false, data: z.strictObject({ ...page }), reply: items(jsonObjectSchema) },
  "memory-add": { mutates: true, data: memoryText.strict(), reply: z.object({ memoryId: z.string() }) },
  "memory-update": { mutates: true, data: memoryText.extend({ memoryId: z.string() }).strict(), reply: none },
  "memory-delete": { mutates: true, data: z.strictObject({ memoryId: z.string() }), reply: none },
  "memory-resolve": { mutates: true, data: z.strictObject({ memoryId: z.string(), accept: z.boolean() }), reply: none },

  "model-list": { mutates: false, data: none, reply: items(modelItemSchema) },
  /** Stores a pasted key (file mode 0600) and tries it at once. */
  "model-connect": {
    mutates: false,
    data: z.strictObject({
      provider: z.enum(["openai", "anthropic", "compatible"]),
      key: z.string().min(1).max(4096).optional(),
      baseUrl: z.url().optional(),
    }),
    reply: z.object({ models: z.array(z.string()) }),
  },
  "tool-list": { mutates: false, data: none, reply: items(toolItemSchema) },
  "tool-register": {
    mutates: true,
    data: z.strictObject({ name: z.string(), description: z.string(), input: jsonObjectSchema, effects: z.array(effectSchema) }),
    reply: none,
  },
  "tool-unregister": { mutates: true, data: z.strictObject({ name: z.string() }), reply: none },
  ping: { mutates: false, data: none, reply: none },
} as const;

export type CommandType = keyof typeof commands;
export type CommandData<T extends CommandType> = z.infer<(typeof commands)[T]["data"]>;
export type ReplyData<T extends CommandType> = z.infer<(typeof commands)[T]["reply"]>;

/** A checked command. `id` is the client's idempotency key. */
export type Command = {
  [T in CommandType]: {
    readonly v: 1;
    readonly id: string;
    readonly type: T;
    readonly sessionId?: string | undefined;
    readonly data: CommandData<T>;
  };
}[CommandType];

export function isCommandType(type: string): type is CommandType {
  return Object.hasOwn(commands, type);
}
