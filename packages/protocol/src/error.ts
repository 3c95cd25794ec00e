import { z } from "zod";

export const errorCodes = [
  "unauthorized",
  "bad_request",
  "not_found",
  "forbidden",
  "busy",
  "rate_limited",
  "too_large",
  "conflict",
  "unavailable",
  "internal",
] as const;
export const errorCodeSchema = z.enum(errorCodes);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

/** Why a command was refused. `message` is written for the person who reads it and says what to do. */
export const wireErrorSchema = z.object({
  code: errorCodeSchema,
  message: z.string(),
  retryable: z.boolean(),
  /** Milliseconds until the same may work, where that is known. */
  retryAfterMs: z.number().int().min(0).optional(),
});
export type WireError = z.infer<typeof wireErrorSchema>;

/** Why a run or a todo failed. Codes are open: a tool may bring its own. */
export const failureSchema = z.object({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean().optional(),
  /** Milliseconds until another try makes sense, where the other side said so. */
  retryAfterMs: z.number().optional(),
});
export type Failure = z.infer<typeof failureSchema>;
