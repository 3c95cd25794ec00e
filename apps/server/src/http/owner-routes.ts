import { CommandError } from "@orquestra/core";
import { jsonObjectSchema } from "@orquestra/protocol";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Logins } from "../logins.ts";
import type { Mint } from "../mint.ts";

const workspaceBody = z.strictObject({ path: z.string().min(1).max(4096), trusted: z.boolean().optional() });
const userBody = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, "must be one line of visible characters"),
});
/** Text as every database keeps it: no control characters, no half of a surrogate pair. */
const plainText = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, "must be text without control characters");
const tokenBody = z.strictObject({
  user: z.strictObject({ id: plainText, name: plainText.optional(), metadata: jsonObjectSchema.optional() }),
  sessionId: plainText.optional(),
  ttlSeconds: z.number().int().min(1).max(3600).default(600),
  mayApprove: z.boolean().default(false),
});

export interface OwnerServices {
  readonly logins: Logins;
  /** Lets sessions use a folder; resolves with its real path. Rejects with a CommandError for folders that are refused. */
  readonly addWorkspace: (path: string, trusted: boolean | undefined) => Promise<string>;
  /** Resolves with the user's bearer token. Rejects with a CommandError `conflict` when the name is taken. */
  readonly addUser: (name: string) => Promise<string>;
  readonly mint: Mint;
}

/** What the command line asks of a server that runs already, and the backend of a product that embeds it. */
export function registerOwnerRoutes(app: FastifyInstance, { logins, addWorkspace, addUser, mint }: OwnerServices): void {
  const access = "owner";
  app.post("/api/launch-tokens", { config: { access, says: "a fresh one-time token for /launch" } }, async () => {
    return { token: await logins.newLaunchToken() };
  });
  app.post("/api/workspaces", { config: { access, says: "lets sessions use a folder" } }, async ({ body }) => {
    const { path, trusted } = parse(workspaceBody, body);
    return { workspace: await addWorkspace(path, trusted) };
  });
  app.post("/api/users", { config: { access, says: "a further user with a bearer token" } }, async ({ body }) => {
    const { name } = parse(userBody, body);
    return { token: await addUser(name) };
  });
  const says = "a short-lived token for one session of a user of a host product";
  app.post("/api/tokens", { config: { access, says } }, async ({ body }, reply) => {
    const minted = await mint(parse(tokenBody, body));
    return await reply.header("cache-control", "no-store").send(minted);
  });
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new CommandError("bad_request", z.prettifyError(parsed.error));
}
