import { z } from "zod";
import { idOf, maxIdLength } from "./parse-command.ts";

/** The first frame of a connection that was opened without credentials; nothing else may be sent before its reply. */
export const authenticateSchema = z.strictObject({
  v: z.literal(1),
  id: z.string().min(1).max(maxIdLength),
  type: z.literal("authenticate"),
  data: z.strictObject({ token: z.string().min(1).max(200) }),
});
export type Authenticate = z.infer<typeof authenticateSchema>;

/** Data of the reply: whom the token stands for, and for how long. */
export const authenticatedSchema = z.object({ userId: z.string(), sessionId: z.string(), expiresAt: z.string() });
export type Authenticated = z.infer<typeof authenticatedSchema>;

/** What a first frame turned out to be: a token, or something else (with the id to answer to, where it had one). */
export type ParsedAuthenticate =
  | { readonly ok: true; readonly id: string; readonly token: string }
  | { readonly ok: false; readonly id: string | null };

/** Checks a decoded frame. Never throws. */
export function parseAuthenticate(frame: unknown): ParsedAuthenticate {
  const parsed = authenticateSchema.safeParse(frame);
  return parsed.success ? { ok: true, id: parsed.data.id, token: parsed.data.data.token } : { ok: false, id: idOf(frame) };
}
