import { z } from "zod";

const triggerSchema = z.object({ step: z.number().int(), when: z.enum(["before", "behind"]) });

export const databaseSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("pglite"), folder: z.string() }),
  z.object({ kind: z.literal("postgres"), url: z.string() }),
]);
export type DatabaseSettings = z.infer<typeof databaseSchema>;

/** What a server under chaos is started with. */
export const settingsSchema = z.object({
  port: z.number().int(),
  database: databaseSchema,
  /** What it shares with other nodes; null: there are none. */
  redisUrl: z.string().nullable(),
  modelUrl: z.string(),
  ledger: z.string(),
  workspace: z.string(),
  /** Armed from its first commit on: it may die while it recovers. */
  trigger: triggerSchema.nullable(),
});
export type ServerSettings = z.infer<typeof settingsSchema>;

/** What the parent says to it while it runs. */
export const orderSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("arm"), trigger: triggerSchema.nullable() }),
  z.object({ type: z.literal("jump"), milliseconds: z.number() }),
  /** It says so when no tool of it is at work any more. */
  z.object({ type: z.literal("rest") }),
]);
export type Order = z.infer<typeof orderSchema>;

/** Who may sign in: the bearer token is the name. */
export const users = ["ada", "bob"] as const;
export type UserName = (typeof users)[number];
