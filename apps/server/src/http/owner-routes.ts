import { CommandError } from "@orquestra/core";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Logins } from "../logins.ts";

const workspaceBody = z.strictObject({ path: z.string().min(1).max(4096), trusted: z.boolean().optional() });
const userBody = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, "must be one line of visible characters"),
});

export interface OwnerServices {
  readonly logins: Logins;
  /** Lets sessions use a folder; resolves with its real path. Rejects with a CommandError for folders that are refused. */
  readonly addWorkspace: (path: string, trusted: boolean | undefined) => Promise<string>;
  /** Resolves with the user's bearer token. Rejects with a CommandError `conflict` when the name is taken. */
  readonly addUser: (name: string) => Promise<string>;
}

/** What the command line asks of a server that runs already. */
export function registerOwnerRoutes(app: FastifyInstance, { logins, addWorkspace, addUser }: OwnerServices): void {
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
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new CommandError("bad_request", z.prettifyError(parsed.error));
}
