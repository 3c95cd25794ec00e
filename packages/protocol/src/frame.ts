import { z } from "zod";
import { wireErrorSchema } from "./error.ts";
import { type OrquestraEvent, isEventType, parseEvent } from "./event.ts";
import { type Json, jsonSchema } from "./json.ts";

export const subprotocol = "orquestra.v1";
/** Larger inbound frames close the connection with 1009. */
export const maxFrameBytes = 1024 * 1024;
export const closeCodes = {
  tooLarge: 1009,
  internal: 1011,
  restart: 1012,
  tooMany: 1013,
  unauthorized: 4001,
  slowConsumer: 4008,
} as const;

const helloSchema = z.object({
  v: z.literal(1),
  type: z.literal("hello"),
  data: z.object({ protocol: z.literal(subprotocol), server: z.string(), nodeId: z.string() }),
});
const replySchema = z.discriminatedUnion("ok", [
  z.object({ v: z.literal(1), type: z.literal("reply"), re: z.string().nullable(), ok: z.literal(true), data: jsonSchema }),
  z.object({
    v: z.literal(1),
    type: z.literal("reply"),
    re: z.string().nullable(),
    ok: z.literal(false),
    error: wireErrorSchema,
  }),
]);
const deltaSchema = z.object({
  v: z.literal(1),
  type: z.literal("delta"),
  sessionId: z.string(),
  partId: z.string(),
  /** UTF-16 units from the start of the part. */
  offset: z.number().int().min(0),
  text: z.string(),
});
const progressSchema = z.object({
  v: z.literal(1),
  type: z.literal("progress"),
  sessionId: z.string(),
  runId: z.string().optional(),
  todoId: z.string(),
  data: jsonSchema,
});

const unknownEventSchema = z
  .object({ v: z.literal(1), sessionId: z.string(), seq: z.number().int().positive() })
  .transform(({ sessionId, seq }) => ({ v: 1, type: "unknown", sessionId, seq }) as const);

export type Hello = z.infer<typeof helloSchema>;
export type Reply = z.infer<typeof replySchema>;
export type Delta = z.infer<typeof deltaSchema>;
export type Progress = z.infer<typeof progressSchema>;

/** An event of a type this client does not know. It changes nothing, but it has its place in the sequence. */
export type UnknownEvent = z.infer<typeof unknownEventSchema>;

/** Everything a server may send. */
export type ServerFrame = Hello | Reply | Delta | Progress | OrquestraEvent;

/** Frames that are no events, by their type. */
export const frameSchemas = { hello: helloSchema, reply: replySchema, delta: deltaSchema, progress: progressSchema };

/**
 * Parses a frame from the server. A type this client does not know gives an UnknownEvent where it is numbered, else `null`: ignore it.
 * Throws on malformed frames. Unknown fields are dropped.
 */
export function parseServerFrame(text: string): ServerFrame | UnknownEvent | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !("type" in value) || typeof value.type !== "string")
    throw new Error("not a frame");
  const { type } = value;
  if (type === "hello" || type === "reply" || type === "delta" || type === "progress") return frameSchemas[type].parse(value);
  return isEventType(type) ? parseEvent(value) : (unknownEventSchema.safeParse(value).data ?? null);
}

export function replyOk(re: string, data: Json): Reply {
  return { v: 1, type: "reply", re, ok: true, data };
}
